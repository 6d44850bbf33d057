import type { ProtobufField, ProtobufTables, StructuralSchema } from '@quarterdeck/machinery';
import { kinds } from './kinds.gen.ts';
import { messages } from './messages.gen.ts';
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

/** The kinds that the tables cover, in no particular order. */
export const builtinKinds: readonly KindRow[] = Object.freeze(kinds);

/** What the protobuf codec needs to know of the covered kinds. KA-27 */
export const protobufTables: ProtobufTables = Object.freeze({
  kinds: Object.freeze(Object.fromEntries(kinds.map((row) => [kindKey(row), row.message]))),
  messages: Object.freeze(
    Object.fromEntries(
      Object.entries(messages).map(([name, { fields }]): [string, readonly ProtobufField[]] => [name, fields]),
    ),
  ),
});

function kindKey({ group, version, kind }: KindRow): string {
  if (group === 'any') return `any/${kind}`;
  return group === '' ? `${version}/${kind}` : `${group}/${version}/${kind}`;
}
