import type { KubeObject } from '@quarterdeck/apis';
import {
  encodeJson,
  equalValues,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@quarterdeck/machinery';

/**
 * Which fields of a manifest are still ours, told by `managedFields` of the live object. A server takes a field from us
 * exactly when somebody else changes or removes its value, so a field of ours that we do not own any more has been changed;
 * a value that merely reads differently (quantities, defaults) has not. No schema is needed: the server wrote down which
 * lists have keys. DL-20, DL-21
 */

/** A step from the root of an object: a field, an item of a list by its keys or its value, or the whole list by position. */
export type Step =
  | { readonly field: string }
  | { readonly keys: JsonObject }
  | { readonly value: JsonValue }
  | { readonly index: number };
export type Path = readonly Step[];

/** A field of the manifest that is not ours any more. */
export interface LostField {
  readonly path: Path;
  readonly wanted: JsonValue;
}

interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly fieldsV1?: JsonObject;
}

/** The entries of managedFields, as far as they can be read. */
export function managersOf(object: KubeObject): readonly ManagedFieldsEntry[] {
  const entries = (object.metadata as { managedFields?: unknown }).managedFields;
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

/** What a manager holds by server-side apply; empty when it holds nothing. */
export function appliedBy(object: KubeObject, manager: string): JsonObject {
  const entry = managersOf(object).find(
    (each) => each.manager === manager && each.operation === 'Apply' && (each.subresource ?? '') === '',
  );
  return entry?.fieldsV1 ?? {};
}

/** Said by a server itself, never owned: not asked for. */
const identity = new Set(['apiVersion', 'kind']);
const identityMetadata = new Set(['name', 'namespace']);

/**
 * The fields of what we apply that `owned` (a FieldsV1) does not hold, at most `limit` of them, in the order of the manifest.
 * A part that is lost as a whole is told by its leaves.
 */
export function lostFields(applied: JsonObject, owned: JsonObject, limit = 1000): LostField[] {
  const lost: LostField[] = [];
  for (const [name, value] of Object.entries(applied)) {
    if (identity.has(name)) continue;
    const node = childOf(owned, `f:${name}`);
    if (name === 'metadata' && isJsonObject(value)) {
      for (const [part, content] of Object.entries(value)) {
        if (!identityMetadata.has(part)) walk(content, childOf(node, `f:${part}`), [{ field: name }, { field: part }]);
      }
    } else {
      walk(value, node, [{ field: name }]);
    }
  }
  return lost;

  function walk(wanted: JsonValue, node: JsonObject | undefined, path: Path): void {
    if (lost.length >= limit || wanted === null) return;
    if (node !== undefined && isLeaf(node)) return;
    if (isJsonObject(wanted) && Object.keys(wanted).length > 0) {
      for (const [name, value] of Object.entries(wanted)) {
        walk(value, childOf(node, `f:${name}`), [...path, { field: name }]);
      }
    } else if (Array.isArray(wanted) && node !== undefined) {
      walkItems(wanted, node, path);
    } else if (node === undefined) {
      lost.push({ path, wanted });
    }
  }

  function walkItems(items: readonly JsonValue[], node: JsonObject, path: Path): void {
    const keyed = Object.keys(node).filter((key) => key.startsWith('k:'));
    for (const [index, item] of items.entries()) {
      if (isJsonObject(item) && keyed.length > 0) {
        const key = keyed.find((each) => fitsKey(item, each));
        const keys = key === undefined ? keysLike(item, keyed) : readKeys(key);
        walk(item, key === undefined ? undefined : childOf(node, key), [
          ...path,
          keys === undefined ? { index } : { keys },
        ]);
      } else {
        walk(item, isJsonObject(item) ? undefined : childOf(node, `v:${encodeJson(item)}`), [...path, { value: item }]);
      }
    }
  }
}

function childOf(node: JsonObject | undefined, key: string): JsonObject | undefined {
  const child = node === undefined ? undefined : getOwn(node, key);
  return isJsonObject(child) ? child : undefined;
}

/**
 * Owned as a whole: a scalar, or a list or map that the server does not look into. A node of `.` alone is a map that is held
 * itself, and nothing in it: somebody else has taken that.
 */
const isLeaf = (node: JsonObject): boolean => Object.keys(node).length === 0;

function readKeys(key: string): JsonObject | undefined {
  try {
    const keys = parseJson(key.slice(2));
    return isJsonObject(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

/** A key that the item leaves out was filled in by the server. */
function fitsKey(item: JsonObject, key: string): boolean {
  const keys = readKeys(key);
  if (keys === undefined) return false;
  return Object.entries(keys).every(([name, value]) => {
    const own = getOwn(item, name);
    return own === undefined ? name !== 'name' : equalValues(own, value);
  });
}

/** The keys of an item that is not among the owned ones, after the example of those that are. */
function keysLike(item: JsonObject, keyed: readonly string[]): JsonObject | undefined {
  const names = Object.keys(readKeys(keyed[0] ?? '') ?? {}).filter((name) => getOwn(item, name) !== undefined);
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, getOwn(item, name) ?? null]));
}

/** The live value at a path; undefined when it is not there. */
export function valueAtPath(object: JsonValue | undefined, path: Path): JsonValue | undefined {
  let value = object;
  for (const step of path) {
    if ('field' in step) value = isJsonObject(value) ? getOwn(value, step.field) : undefined;
    else if (!Array.isArray(value)) return undefined;
    else if ('keys' in step) value = value.find((item) => isJsonObject(item) && hasKeys(item, step.keys));
    else if ('index' in step) value = value[step.index];
    else value = value.find((item) => equalValues(item, step.value));
  }
  return value;
}

const hasKeys = (item: JsonObject, keys: JsonObject): boolean =>
  Object.entries(keys).every(([name, value]) => equalValues(getOwn(item, name), value));

/** As Kubernetes writes paths in its messages: `.spec.containers[name="app"].image`. */
export const pathText = (path: Path): string => path.map(stepText).join('');

function stepText(step: Step): string {
  if ('field' in step) return `.${step.field}`;
  if ('index' in step) return `[${step.index}]`;
  if ('value' in step) return `[=${encodeJson(step.value)}]`;
  const keys = Object.entries(step.keys).map(([name, value]) => `${name}=${encodeJson(value)}`);
  return `[${keys.join(',')}]`;
}

/** FieldsV1 without what `taken` holds; undefined when nothing is left. */
export function withoutFields(fields: JsonObject, taken: JsonObject): JsonObject | undefined {
  const left = Object.entries(fields).flatMap(([key, child]): [string, JsonValue][] => {
    const other = getOwn(taken, key);
    if (!isJsonObject(other)) return [[key, child]];
    if (!isJsonObject(child) || isLeaf(child) || isLeaf(other)) return [];
    const rest = withoutFields(child, other);
    return rest === undefined ? [] : [[key, rest]];
  });
  return left.some(([key]) => key !== '.') ? Object.fromEntries(left) : undefined;
}

/**
 * Managers whose fields hold a path, ours aside. Who holds the very path comes before who holds something above it: that may
 * be all of it, or a map in which nothing is his any more, and the object does not tell which.
 */
export function holdersOf(object: KubeObject, path: Path, except: string): string[] {
  const holders = managersOf(object).flatMap(({ manager, subresource, fieldsV1 }) => {
    const depth = manager === except || fieldsV1 === undefined ? undefined : heldDepth(fieldsV1, path);
    return depth === undefined ? [] : [{ name: nameOf(manager, subresource), depth }];
  });
  return [...new Set(holders.toSorted((a, b) => b.depth - a.depth).map(({ name }) => name))];
}

const nameOf = (manager = 'somebody', subresource = ''): string =>
  subresource === '' ? manager : `${manager} (${subresource})`;

/** How many steps of a path a manager holds, when it holds the path or all of a part above it. */
function heldDepth(fields: JsonObject, path: Path): number | undefined {
  let node: JsonObject = fields;
  for (const [index, step] of path.entries()) {
    const child = childAt(node, step);
    if (child === undefined) return undefined;
    if (isLeaf(child)) return index + 1;
    node = child;
  }
  return path.length;
}

function childAt(node: JsonObject, step: Step): JsonObject | undefined {
  if ('field' in step) return childOf(node, `f:${step.field}`);
  if ('value' in step) return childOf(node, `v:${encodeJson(step.value)}`);
  if ('index' in step) return undefined;
  const key = Object.keys(node).find((each) => each.startsWith('k:') && hasKeys(readKeys(each) ?? {}, step.keys));
  return key === undefined ? undefined : childOf(node, key);
}
