import type { JsonObject } from '@quarterdeck/machinery';
import type { Column } from '../../registry/definition.ts';
import { numberAt, objectAt, objectsAt, stringAt } from '../../registry/fields.ts';
import { cell, selectorText, textColumn } from '../columns.ts';

/** `2/3` */
export function ratioColumn(
  name: string,
  description: string,
  done: readonly string[],
  wanted: readonly string[],
): Column {
  return cell(name, description, (object) => `${numberAt(object, ...done) ?? 0}/${numberAt(object, ...wanted) ?? 0}`);
}

/** Names and images of the containers of a pod template, of `-o wide` unless said otherwise. */
export function containerColumns(path: readonly string[], priority = 1): readonly Column[] {
  const join = (object: JsonObject, field: string) =>
    objectsAt(object, ...path, 'spec', 'containers')
      .map((one) => stringAt(one, field))
      .join(',');
  return [
    cell('Containers', 'Names of the containers.', (object) => join(object, 'name'), { priority }),
    cell('Images', 'Images of the containers.', (object) => join(object, 'image'), { priority }),
  ];
}

export const templateColumns: readonly Column[] = containerColumns(['spec', 'template']);

/** The LabelSelector at `path`. */
export function selectorColumn(...path: readonly string[]): Column {
  return textColumn('Selector', 'Which pods belong to it.', (object) => selectorText(objectAt(object, ...path)), 1);
}
