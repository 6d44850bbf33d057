import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt, tooLongField } from '../registry/fields.ts';
import { configKeyProblems } from '../registry/names.ts';
import { numberColumn } from './columns.ts';
import { dataKind } from './data-kind.ts';
import { base64Errors, countEntries, immutableErrors } from './key-value.ts';

const maxBytes = 1024 * 1024;

/** KA-116 */
function validate(object: JsonObject): FieldError[] {
  const data = objectAt(object, 'data');
  const binary = objectAt(object, 'binaryData');
  const keyErrors = (field: string, keys: readonly string[]) =>
    keys.flatMap((key) => configKeyProblems(key).map((problem) => invalidField(`${field}[${key}]`, key, problem)));
  const textBytes = Object.values(data).reduce((sum: number, value) => sum + Buffer.byteLength(String(value)), 0);
  const bytes = Object.values(binary).reduce(
    (sum: number, value) => sum + Buffer.byteLength(String(value), 'base64'),
    textBytes,
  );
  return [
    ...keyErrors('data', Object.keys(data)),
    ...keyErrors('binaryData', Object.keys(binary)),
    ...Object.keys(data)
      .filter((key) => Object.hasOwn(binary, key))
      .map((key) => invalidField(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...base64Errors(object, 'binaryData'),
    ...(bytes > maxBytes ? [tooLongField('', maxBytes)] : []),
  ];
}

export const configMaps = dataKind({
  group: '',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  shortNames: ['cm'],
  columns: [numberColumn('Data', 'Number of entries.', (object) => countEntries(object, 'data', 'binaryData'))],
  strategy: { validate, validateUpdate: (object, old) => immutableErrors(object, old, ['data', 'binaryData']) },
});
