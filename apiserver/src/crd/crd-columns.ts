import {
  goJson,
  goNumber,
  type JsonObject,
  type JsonPath,
  type JsonValue,
  parseJsonPath,
} from '@quarterdeck/machinery';
import { ageColumn, nameColumn } from '../builtin/columns.ts';
import type { Column } from '../registry/definition.ts';
import { numberAt, stringAt } from '../registry/fields.ts';
import { columnsOf } from './crd-version.ts';

const types: readonly string[] = ['string', 'integer', 'number', 'boolean', 'date'] satisfies Column['type'][];

/** The printer columns of a version: Name, its own, or Age where it has none. KA-107 */
export function customColumns(version: JsonObject): readonly Column[] {
  const own = columnsOf(version).map(customColumn);
  return Object.freeze([nameColumn, ...(own.length === 0 ? [ageColumn] : own)]);
}

function customColumn(column: JsonObject): Column {
  const jsonPath = stringAt(column, 'jsonPath');
  const parsed = parseJsonPath(jsonPath);
  const find: JsonPath = typeof parsed === 'function' ? parsed : () => [];
  const declared = stringAt(column, 'type');
  const type = (types.includes(declared) ? declared : 'string') as Column['type'];
  const format = stringAt(column, 'format');
  const description = stringAt(column, 'description');
  return Object.freeze<Column>({
    name: stringAt(column, 'name'),
    type,
    ...(format === '' ? {} : { format }),
    description:
      description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description,
    priority: numberAt(column, 'priority') ?? 0,
    value: (object) => cell(find(object)[0], type),
  });
}

/** A value of another type than the column's has no cell. */
function cell(value: JsonValue | undefined, type: Column['type']): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'string':
      return text(value);
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint' ? Math.trunc(Number(value)) : undefined;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'date':
      return typeof value === 'string' ? value : undefined;
    default:
      return type satisfies never;
  }
}

function text(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : goJson(value);
}
