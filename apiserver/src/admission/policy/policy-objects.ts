import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { readStoredObject } from '../../authz/stored-object.ts';
import type { Entry, Store } from '../../cache/store.ts';
import { objectAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import { createMatcher, type Matcher } from './match.ts';

export interface StoredPolicy {
  readonly name: string;
  readonly matcher: Matcher;
  /** Errors deny. */
  readonly fails: boolean;
  readonly paramKind: JsonObject | undefined;
  /** Compiled when the first request matches. */
  readonly compiled: () => CompiledPolicy;
}

export interface StoredBinding {
  readonly name: string;
  readonly policyName: string;
  readonly matcher: Matcher;
  readonly paramRef: JsonObject | undefined;
  readonly actions: readonly string[];
}

/** A policy with its bindings, which are never none. */
export interface BoundPolicy {
  readonly policy: StoredPolicy;
  readonly bindings: readonly StoredBinding[];
}

const group = 'admissionregistration.k8s.io';
export const policyResource = `validatingadmissionpolicies.${group}`;
const bindingResource = `validatingadmissionpolicybindings.${group}`;

/**
 * Follows the policies of a store: each entry is read and compiled once, and what is written acts on the next request.
 * KA-137b
 */
export function createPolicyReader(store: Pick<Store, 'list'>): () => readonly BoundPolicy[] {
  const policies = new WeakMap<Entry, StoredPolicy>();
  const bindings = new WeakMap<Entry, StoredBinding>();
  return () => {
    const bound = new Map<string, StoredBinding[]>();
    for (const entry of store.list({ resource: bindingResource }).entries) {
      const binding = remembered(bindings, entry, readBinding);
      const known = bound.get(binding.policyName);
      if (known === undefined) bound.set(binding.policyName, [binding]);
      else known.push(binding);
    }
    if (bound.size === 0) return [];
    return store.list({ resource: policyResource }).entries.flatMap((entry) => {
      const own = bound.get(entry.key.name);
      return own === undefined ? [] : [{ policy: remembered(policies, entry, readPolicy), bindings: own }];
    });
  };
}

function remembered<T>(known: WeakMap<Entry, T>, entry: Entry, read: (object: JsonObject) => T): T {
  const found = known.get(entry);
  if (found !== undefined) return found;
  const made = read(readStoredObject(entry));
  known.set(entry, made);
  return made;
}

function readPolicy(object: JsonObject): StoredPolicy {
  const spec = objectAt(object, 'spec');
  let compiled: CompiledPolicy | undefined;
  return {
    name: stringAt(object, 'metadata', 'name'),
    matcher: createMatcher(objectAt(spec, 'matchConstraints')),
    fails: stringAt(spec, 'failurePolicy') !== 'Ignore',
    paramKind: objectOrAbsent(spec, 'paramKind'),
    compiled: () => {
      compiled ??= compilePolicy(spec);
      return compiled;
    },
  };
}

function readBinding(object: JsonObject): StoredBinding {
  const spec = objectAt(object, 'spec');
  return {
    name: stringAt(object, 'metadata', 'name'),
    policyName: stringAt(spec, 'policyName'),
    matcher: createMatcher(objectOrAbsent(spec, 'matchResources')),
    paramRef: objectOrAbsent(spec, 'paramRef'),
    actions: stringsAt(spec, 'validationActions'),
  };
}

function objectOrAbsent(object: JsonObject, field: string): JsonObject | undefined {
  const value = valueAt(object, field);
  return isJsonObject(value) ? value : undefined;
}
