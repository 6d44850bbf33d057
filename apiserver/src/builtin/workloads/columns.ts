import { type JsonObject, labelSelectorToRequirements, SelectorError, selectorToString } from '@quarterdeck/machinery';
import type { Column } from '../../registry/definition.ts';
import { numberAt, objectAt, objectsAt, stringAt } from '../../registry/fields.ts';
import { numberColumn, textColumn } from '../columns.ts';

/** A number of the status; 0 until a controller wrote it. */
export function countColumn(name: string, description: string, ...path: readonly string[]): Column {
  return numberColumn(name, description, (object) => numberAt(object, ...path) ?? 0);
}

/** `2/3` */
export function ratioColumn(
  name: string,
  description: string,
  done: readonly string[],
  wanted: readonly string[],
): Column {
  return textColumn(
    name,
    description,
    (object) => `${numberAt(object, ...done) ?? 0}/${numberAt(object, ...wanted) ?? 0}`,
  );
}

const containers = (object: JsonObject) => objectsAt(object, 'spec', 'template', 'spec', 'containers');

/** Of `-o wide`. */
export const templateColumns: readonly Column[] = [
  textColumn(
    'Containers',
    'Names of the containers.',
    (object) =>
      containers(object)
        .map((one) => stringAt(one, 'name'))
        .join(','),
    1,
  ),
  textColumn(
    'Images',
    'Images of the containers.',
    (object) =>
      containers(object)
        .map((one) => stringAt(one, 'image'))
        .join(','),
    1,
  ),
];

export const selectorColumn: Column = textColumn('Selector', 'Which pods belong to it.', selectorText, 1);

/** A LabelSelector as text; what is none prints as `<none>`. */
function selectorText(object: JsonObject): string | undefined {
  try {
    return selectorToString(labelSelectorToRequirements(objectAt(object, 'spec', 'selector')));
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}
