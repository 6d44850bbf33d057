import { encodeJson } from '../wire/json.ts';
import {
  cloneValue,
  equalValues,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from '../wire/value.ts';
import { parseIndex, parsePointer } from './json-pointer.ts';
import { PatchError } from './patch-error.ts';

/** More operations in one patch are refused. KA-63, BI-16 */
export const maxJsonPatchOperations = 10_000;

/** The copy operations of one patch may add this much JSON in all. KA-68 */
const maxCopiedBytes = 3 * 1024 * 1024;

/**
 * JSON patch, RFC 6902: all operations in order, or none. Strict where Kubernetes' own is not: the target of `replace` and
 * the source of `copy` must exist, indexes have neither sign nor leading zero. Never mutates. KA-68, BI-16
 * @throws PatchError `malformed` when the patch is no list of operations, `tooLarge` for more than
 *   {@link maxJsonPatchOperations}, `invalid` (with the index, name and path of the operation in the message) when an
 *   operation is unknown, incomplete, fails, or copies too much
 */
export function applyJsonPatch(value: JsonValue, patch: JsonValue): JsonValue {
  const operations = readOperations(patch);
  // One copy, changed in place: with thousands of operations, a copy for each would cost their product.
  const document: Document = { root: cloneValue(value), copiedBytes: 0 };
  for (const operation of operations) apply(document, operation);
  return document.root;
}

interface Document {
  root: JsonValue;
  copiedBytes: number;
}

interface Operation {
  readonly index: number;
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  readonly value: JsonValue | undefined;
}

function readOperations(patch: JsonValue): Operation[] {
  if (!Array.isArray(patch)) throw new PatchError('malformed', 'a JSON patch must be a list of operations');
  if (patch.length > maxJsonPatchOperations) {
    const message = `a JSON patch may have at most ${maxJsonPatchOperations} operations, this one has ${patch.length}`;
    throw new PatchError('tooLarge', message);
  }
  return patch.map(readOperation);
}

function readOperation(operation: JsonValue, index: number): Operation {
  if (!isJsonObject(operation)) throw new PatchError('malformed', `operation ${index}: must be an object`);
  const text = (name: string): string | undefined => {
    const field = getOwn(operation, name);
    if (field === undefined || typeof field === 'string') return field;
    throw new PatchError('malformed', `operation ${index}: "${name}" must be a string`);
  };
  const op = text('op');
  if (op === undefined) throw new PatchError('malformed', `operation ${index}: "op" is missing`);
  return { index, op, path: text('path'), from: text('from'), value: getOwn(operation, 'value') };
}

function apply(document: Document, operation: Operation): void {
  switch (operation.op) {
    case 'add':
      add(document, operation, cloneValue(givenValue(operation)));
      break;
    case 'remove':
      remove(document, operation, 'path');
      break;
    case 'replace':
      replace(document, operation, cloneValue(givenValue(operation)));
      break;
    case 'move':
      move(document, operation);
      break;
    case 'copy':
      copy(document, operation);
      break;
    case 'test':
      test(document, operation);
      break;
    default:
      fail(operation, 'there is no such operation');
  }
}

function fail(operation: Operation, why: string): never {
  const { index, op, path } = operation;
  const what = path === undefined ? op : `${op} "${path}"`;
  throw new PatchError('invalid', `operation ${index} (${what}): ${why}`, path);
}

function givenValue(operation: Operation): JsonValue {
  return operation.value === undefined ? fail(operation, '"value" is missing') : operation.value;
}

/** Where an operation works: the root, a field or an item of an existing container. */
type Place =
  | { readonly in: 'document' }
  | { readonly in: 'map'; readonly map: JsonObject; readonly name: string }
  | { readonly in: 'list'; readonly list: JsonValue[]; readonly step: string };

function locate(document: Document, operation: Operation, which: 'path' | 'from'): Place {
  const pointer = operation[which] ?? fail(operation, `"${which}" is missing`);
  const steps = parsePointer(pointer) ?? fail(operation, `"${pointer}" is no JSON pointer`);
  const last = steps.pop();
  if (last === undefined) return { in: 'document' };
  let container: JsonValue | undefined = document.root;
  for (const step of steps) container = container === undefined ? undefined : childOf(container, step);
  if (Array.isArray(container)) return { in: 'list', list: container, step: last };
  if (container !== undefined && isJsonObject(container)) return { in: 'map', map: container, name: last };
  return fail(operation, which === 'from' ? `the parent of "${pointer}" does not exist` : 'its parent does not exist');
}

function childOf(container: JsonValue, step: string): JsonValue | undefined {
  if (!Array.isArray(container)) return isJsonObject(container) ? getOwn(container, step) : undefined;
  const index = parseIndex(step);
  return index === undefined ? undefined : container[index];
}

/** The value that must be at a place. */
function read(document: Document, operation: Operation, place: Place, which: 'path' | 'from'): JsonValue {
  const value = place.in === 'document' ? document.root : childOf(...containerAndStep(place));
  if (value !== undefined) return value;
  return fail(
    operation,
    which === 'from' ? `there is nothing at "${operation.from}"` : 'there is nothing at this path',
  );
}

const containerAndStep = (place: Exclude<Place, { in: 'document' }>): [JsonValue, string] =>
  place.in === 'map' ? [place.map, place.name] : [place.list, place.step];

function add(document: Document, operation: Operation, value: JsonValue): void {
  const place = locate(document, operation, 'path');
  switch (place.in) {
    case 'document':
      document.root = value;
      break;
    case 'map':
      setOwn(place.map, place.name, value);
      break;
    case 'list': {
      const { list, step } = place;
      const index = step === '-' ? list.length : parseIndex(step);
      if (index === undefined) fail(operation, `"${step}" is no list index`);
      if (index > list.length) fail(operation, `the list has only ${list.length} items`);
      list.splice(index, 0, value);
    }
  }
}

function remove(document: Document, operation: Operation, which: 'path' | 'from'): JsonValue {
  const place = locate(document, operation, which);
  const removed = read(document, operation, place, which);
  switch (place.in) {
    case 'document':
      return fail(operation, 'the whole object cannot be removed');
    case 'map':
      delete place.map[place.name];
      return removed;
    case 'list':
      place.list.splice(Number(place.step), 1);
      return removed;
  }
}

function replace(document: Document, operation: Operation, value: JsonValue): void {
  const place = locate(document, operation, 'path');
  read(document, operation, place, 'path');
  switch (place.in) {
    case 'document':
      document.root = value;
      break;
    case 'map':
      setOwn(place.map, place.name, value);
      break;
    case 'list':
      place.list[Number(place.step)] = value;
  }
}

function move(document: Document, operation: Operation): void {
  const { path, from } = operation;
  if (path !== undefined && path === from) {
    read(document, operation, locate(document, operation, 'from'), 'from');
    return;
  }
  if (path?.startsWith(`${from}/`)) fail(operation, `"${from}" cannot move into itself`);
  add(document, operation, remove(document, operation, 'from'));
}

function copy(document: Document, operation: Operation): void {
  const copied = read(document, operation, locate(document, operation, 'from'), 'from');
  document.copiedBytes += Buffer.byteLength(encodeJson(copied));
  if (document.copiedBytes > maxCopiedBytes) {
    fail(operation, `the copies of this patch take more than ${maxCopiedBytes} bytes`);
  }
  add(document, operation, cloneValue(copied));
}

function test(document: Document, operation: Operation): void {
  const expected = givenValue(operation);
  const found = read(document, operation, locate(document, operation, 'path'), 'path');
  if (!equalValues(found, expected)) fail(operation, 'the value is another one');
}
