import type { ProtobufField, ProtobufTables, StructuralSchema } from '@quarterdeck/machinery';
import { kinds } from './kinds.gen.ts';
import { messages } from './messages.ts';
import { buildKindSchema, findKind } from './schema.ts';
import type { KindRow } from './table.ts';

const schemas = new Map<KindRow, StructuralSchema>();

/**
 * The schema of a built-in kind as a whole object, with Kubernetes' merge extensions. Built on first use from the
 * generated tables; frozen; the same object at every call, and shared between all servers of a process. KA-1, KA-24
 * @param group empty for core
 * @throws Error when the tables do not cover the kind: they are extended in tools/gen-builtins/kinds.ts
 */
export function builtinSchema(group: string, version: string, kind: string): StructuralSchema {
  const row = findKind(group, version, kind);
  if (row === undefined) throw new Error(`the built-in tables do not cover ${kind} of ${group}/${version}`);
  const known = schemas.get(row);
  if (known !== undefined) return known;
  const schema = buildKindSchema(row);
  schemas.set(row, schema);
  return schema;
}

/** The message of a built-in kind. @throws Error when the tables do not cover it */
export function builtinMessage(group: string, version: string, kind: string): string {
  const row = findKind(group, version, kind);
  if (row === undefined) throw new Error(`the built-in tables do not cover ${kind} of ${group}/${version}`);
  return row.message;
}

/** The kinds that the tables cover, in no particular order. */
export const builtinKinds: readonly KindRow[] = Object.freeze(kinds);

/** Kinds that are stored have lists; all lists are alike, and so not generated. */
const listed = kinds.filter(({ group, message }) => group !== 'any' && message !== 'meta.v1.Status');

/** The forms of metadata alone: written in answers, and no kinds of their own. KA-33 */
const metadataKinds = ['PartialObjectMetadata', 'PartialObjectMetadataList'];

/** What the protobuf codec needs to know of the covered kinds and their lists. KA-27, KA-29 */
export const protobufTables: ProtobufTables = Object.freeze({
  kinds: Object.freeze(
    Object.fromEntries([
      ...kinds.map((row) => [kindKey(row), row.message]),
      ...listed.map((row) => [`${kindKey(row)}List`, `${row.message}List`]),
      ...metadataKinds.map((kind) => [`meta.k8s.io/v1/${kind}`, `meta.v1.${kind}`]),
      ...metadataKinds.map((kind) => [`meta.k8s.io/v1beta1/${kind}`, `meta.v1.${kind}`]),
    ]),
  ),
  messages: fieldTable(),
});

/** The fields alone of each message; read when asked for, as the messages are. */
function fieldTable(): ProtobufTables['messages'] {
  const table = {};
  for (const name of Object.keys(messages)) {
    Object.defineProperty(table, name, { enumerable: true, get: () => messages[name]?.fields });
  }
  for (const { message } of listed) {
    Object.defineProperty(table, `${message}List`, { enumerable: true, get: () => listFields(message) });
  }
  return Object.preventExtensions(table);
}

const listFields = (message: string): readonly ProtobufField[] => [
  { name: 'metadata', number: 1, type: 'message', message: 'meta.v1.ListMeta', zero: 'always' },
  { name: 'items', number: 2, type: 'message', message, repeated: true },
];

function kindKey({ group, version, kind }: KindRow): string {
  if (group === 'any') return `any/${kind}`;
  return group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`;
}
