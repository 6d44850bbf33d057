import type { JsonObject } from '@quarterdeck/machinery';
import type { Column } from '../registry/definition.ts';
import { stringAt } from '../registry/fields.ts';

type Value = Column['value'];

/** A text column; `value` undefined or empty prints as `<none>`. */
export function textColumn(name: string, description: string, value: Value, priority = 0): Column {
  return { name, type: 'string', description, priority, value: (object, now) => emptyToNone(value(object, now)) };
}

export function numberColumn(name: string, description: string, value: Value, priority = 0): Column {
  return { name, type: 'integer', description, priority, value };
}

/** A column that reads one text field. */
export function fieldColumn(name: string, description: string, ...path: readonly string[]): Column {
  return textColumn(name, description, (object) => stringAt(object, ...path));
}

/** A column of a time, printed as how long ago it was. */
function dateColumn(
  name: string,
  description: string,
  value: (object: JsonObject) => string | undefined,
  priority = 0,
): Column {
  return { name, type: 'date', description, priority, value: (object) => value(object) || undefined };
}

const emptyToNone = (value: ReturnType<Value>) => (value === '' ? undefined : value);

export const nameColumn: Column = Object.freeze({
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique for its kind within its namespace.',
  priority: 0,
  value: (object: JsonObject) => stringAt(object, 'metadata', 'name'),
});

export const ageColumn: Column = Object.freeze(
  dateColumn('Age', 'Time since the object was created.', (object) =>
    stringAt(object, 'metadata', 'creationTimestamp'),
  ),
);

export const createdAtColumn: Column = Object.freeze(
  textColumn('Created At', 'When the object was created.', (object) =>
    stringAt(object, 'metadata', 'creationTimestamp'),
  ),
);
