import { type JsonObject, labelSelectorToRequirements, SelectorError, selectorToString } from '@quarterdeck/machinery';
import { ageOf } from '../pipeline/render/age.ts';
import type { Column } from '../registry/definition.ts';
import { numberAt, stringAt } from '../registry/fields.ts';

type Value = Column['value'];

/** What a cell shows as it is: an empty text stays empty, undefined prints as `<none>`. KA-118 */
export function cell(
  name: string,
  description: string,
  value: Value,
  { type = 'string', priority = 0 }: Partial<Pick<Column, 'type' | 'priority'>> = {},
): Column {
  return { name, type, description, priority, value };
}

/** A text column; `value` undefined or empty prints as `<none>`. */
export function textColumn(name: string, description: string, value: Value, priority = 0): Column {
  return cell(name, description, (object, now) => emptyToNone(value(object, now)), { priority });
}

export function numberColumn(name: string, description: string, value: Value, priority = 0): Column {
  return cell(name, description, value, { type: 'integer', priority });
}

/** A column that reads one text field. */
export function fieldColumn(name: string, description: string, ...path: readonly string[]): Column {
  return textColumn(name, description, (object) => stringAt(object, ...path));
}

/** A number of the status; 0 until a controller wrote it. */
export function countColumn(name: string, description: string, ...path: readonly string[]): Column {
  return numberColumn(name, description, (object) => numberAt(object, ...path) ?? 0);
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
  cell('Age', 'Time since the object was created.', (object, now) =>
    sinceText(object, now, 'metadata', 'creationTimestamp'),
  ),
);

/** Of kinds without columns of their own: the time itself, not how long ago it was. */
export const createdAtColumn: Column = Object.freeze(
  cell('Created At', 'When the object was created.', (object) => stringAt(object, 'metadata', 'creationTimestamp'), {
    type: 'date',
  }),
);

/** How long ago the time at `path` was; `<unknown>` when it is not set. */
export function sinceText(object: JsonObject, now: number, ...path: readonly string[]): string {
  return ageOf(stringAt(object, ...path), now);
}

/** `a=1,b=2`, by key; undefined when there are none. */
export function labelsText(labels: JsonObject): string | undefined {
  const keys = Object.keys(labels).sort();
  return keys.length === 0 ? undefined : keys.map((key) => `${key}=${String(labels[key])}`).join(',');
}

/** A LabelSelector as text; undefined when it selects by nothing. */
export function selectorText(selector: JsonObject): string | undefined {
  try {
    return selectorToString(labelSelectorToRequirements(selector)) || undefined;
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

/** The first few of many: `a,b,c + 4 more...`. */
export function someOf(items: readonly string[], most: number, none?: string): string {
  if (items.length === 0 && none !== undefined) return none;
  const shown = items.slice(0, most).join(',');
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown;
}
