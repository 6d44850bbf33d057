import type { KindRow } from './table.ts';

/** What a kind is for, in our words. */
export function describeKind(row: KindRow): string {
  return row.kind;
}

/** What a message says; undefined where its fields' descriptions do. */
export function describeMessage(_message: string): string | undefined {
  return undefined;
}

/** What a field says; undefined for fields that are not described. */
export function describeField(_message: string, _field: string): string | undefined {
  return undefined;
}
