import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { readStoredObject } from '../../authz/stored-object.ts';
import type { Entry, Store } from '../../cache/store.ts';
import { objectAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import type { Registry } from '../../registry/registry.ts';
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import { createMatcher, type Matcher, type MatchWorld, type Target } from './match.ts';

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

export interface PolicyReaderParts extends Pick<MatchWorld, 'equivalents'> {
  readonly store: Pick<Store, 'list' | 'stateOf'>;
  readonly registry: Pick<Registry, 'generation'>;
}

/**
 * Follows the policies of a store: each entry is read and compiled once, and what is written acts on the next request. Only
 * the policies whose rules can be about a target are looked at for a request: most are about few resources. KA-137b
 */
export function createPolicyReader({
  store,
  registry,
  equivalents,
}: PolicyReaderParts): (target: Target) => readonly BoundPolicy[] {
  const policies = new WeakMap<Entry, StoredPolicy>();
  const bindings = new WeakMap<Entry, StoredBinding>();
  const read = (): readonly BoundPolicy[] => {
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
  const whole = keptWhile(() => [store.stateOf(policyResource), store.stateOf(bindingResource)], read);
  const byTarget = keptWhile(
    () => [whole(), registry.generation],
    () => new Map<string, readonly BoundPolicy[]>(),
  );
  return (target) => {
    const known = byTarget();
    const { operation, group, version, resource, subresource } = target;
    const id = [operation, group, version, resource, subresource].join(' ');
    const found = known.get(id) ?? whole().filter(({ policy }) => policy.matcher.canMatch(target, { equivalents }));
    if (known.size < maxTargets) known.set(id, found);
    return found;
  };
}

/** More than there are resources and operations, of which clients can ask for no others. */
const maxTargets = 10_000;

/** Makes a thing once for each state that it is made of. */
function keptWhile<T>(state: () => readonly unknown[], make: () => T): () => T {
  let made: { readonly of: readonly unknown[]; readonly thing: T } | undefined;
  return () => {
    const of = state();
    if (made === undefined || of.some((part, index) => part !== made?.of[index])) made = { of, thing: make() };
    return made.thing;
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
