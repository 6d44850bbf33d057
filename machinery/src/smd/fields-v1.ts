import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { createFieldSet, type FieldSet, type MutableFieldSet } from './field-set.ts';
import { type PathElement, readPathElement, sortElements } from './path-element.ts';

/** A set as `managedFields[].fieldsV1` holds it, keys in Kubernetes' order. KA-73 */
export const encodeFieldsV1 = (set: FieldSet): JsonObject => encodeNode(set, false);

function encodeNode(set: FieldSet, isMember: boolean): JsonObject {
  const node: JsonObject = {};
  if (isMember && set.members.size + set.children.size > 0) node['.'] = {};
  const elements =
    set.children.size === 0 ? set.members : new Set<PathElement>([...set.members, ...set.children.keys()]);
  // No key can be `__proto__` here: each begins with its kind and a colon.
  for (const element of sortElements(elements)) {
    const child = set.children.get(element);
    node[element] = child === undefined ? {} : encodeNode(child, set.members.has(element));
  }
  return node;
}

/**
 * Reads `fieldsV1`. Kinds of path elements that nobody knows yet are dropped, as they cannot be judged.
 * @returns an Error when it is no FieldsV1: then the whole of managedFields is invalid (KA-77)
 */
export function decodeFieldsV1(value: JsonValue): FieldSet | Error {
  const node = decodeNode(value);
  if (node instanceof Error) return node;
  return node.set ?? createFieldSet();
}

interface DecodedNode {
  /** Absent: nothing is below. */
  set?: MutableFieldSet;
  isMember: boolean;
}

function decodeNode(value: JsonValue): DecodedNode | Error {
  if (value === null) return { isMember: true };
  if (!isJsonObject(value)) return new Error('a node of fieldsV1 must be an object');
  let set: MutableFieldSet | undefined;
  let isMember = false;
  for (const key of Object.keys(value)) {
    if (key === '.') {
      isMember = true;
      continue;
    }
    const element = readPathElement(key);
    if (element instanceof Error) return element;
    if (element === undefined) continue;
    const child = decodeNode(value[key] as JsonValue);
    if (child instanceof Error) return child;
    set ??= createFieldSet();
    if (child.isMember) set.members.add(element);
    if (child.set !== undefined) set.children.set(element, child.set);
  }
  return set === undefined ? { isMember: true } : { set, isMember };
}
