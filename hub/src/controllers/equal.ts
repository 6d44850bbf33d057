import { equalValues, type JsonValue } from '@quarterdeck/machinery';

/** Deep equality of parts of API objects, so that a controller sends nothing when nothing changed. */
export function equalParts(a: unknown, b: unknown): boolean {
  return equalValues(a as JsonValue | undefined, b as JsonValue | undefined);
}
