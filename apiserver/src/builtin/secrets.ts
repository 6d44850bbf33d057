import type { FieldError } from '@quarterdeck/apis';
import { decodeJson, type JsonObject, setOwn, WireError } from '@quarterdeck/machinery';
import { invalidField, objectAt, requiredField, stringAt, tooLongField, valueAt } from '../registry/fields.ts';
import { configKeyProblems } from '../registry/names.ts';
import { fieldColumn, numberColumn } from './columns.ts';
import { dataKind } from './data-kind.ts';
import { base64Errors, countEntries, immutableErrors } from './key-value.ts';

const maxBytes = 1024 * 1024;

/** Keys that a type cannot do without; of `kubernetes.io/basic-auth` one of the two. KA-116 */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const jsonKeys: readonly string[] = ['.dockercfg', '.dockerconfigjson'];

/** `stringData` is a way to write, never stored: it goes into `data`, over what is there. */
function foldStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  const typed = stringAt(rest, 'type') === '' ? { ...rest, type: 'Opaque' } : rest;
  if (stringData === undefined) return typed;
  const data: JsonObject = { ...objectAt(object, 'data') };
  const texts = objectAt(object, 'stringData');
  for (const key of Object.keys(texts)) setOwn(data, key, Buffer.from(String(texts[key]), 'utf8').toString('base64'));
  return { ...typed, data };
}

function validate(object: JsonObject): FieldError[] {
  const data = objectAt(object, 'data');
  const bytes = Object.values(data).reduce((sum: number, value) => sum + Buffer.byteLength(String(value), 'base64'), 0);
  return [
    ...Object.keys(data).flatMap((key) =>
      configKeyProblems(key).map((problem) => invalidField(`data[${key}]`, key, problem)),
    ),
    ...base64Errors(object, 'data'),
    ...(bytes > maxBytes ? [tooLongField('data', maxBytes)] : []),
    ...typeErrors(object, data),
  ];
}

function typeErrors(object: JsonObject, data: JsonObject): FieldError[] {
  const type = stringAt(object, 'type');
  if (type === 'kubernetes.io/service-account-token') {
    const account = stringAt(object, 'metadata', 'annotations', 'kubernetes.io/service-account.name');
    return account === '' ? [requiredField('metadata.annotations[kubernetes.io/service-account.name]')] : [];
  }
  if (type === 'kubernetes.io/basic-auth') {
    const has = Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password');
    return has ? [] : [requiredField('data[username]'), requiredField('data[password]')];
  }
  return (requiredKeys[type] ?? []).flatMap((key) => {
    if (!Object.hasOwn(data, key)) return [requiredField(`data[${key}]`)];
    return jsonKeys.includes(key) && !isJson(stringAt(data, key))
      ? [invalidField(`data[${key}]`, '<secret contents redacted>', 'must be valid JSON')]
      : [];
  });
}

function isJson(base64: string): boolean {
  try {
    decodeJson(Buffer.from(base64, 'base64'));
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function validateUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  return [
    ...(valueAt(object, 'type') === valueAt(old, 'type')
      ? []
      : [invalidField('type', valueAt(object, 'type'), 'field is immutable')]),
    ...immutableErrors(object, old, ['data']),
  ];
}

/** KA-116 */
export const secrets = dataKind({
  group: '',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  columns: [
    fieldColumn('Type', 'What the data is for.', 'type'),
    numberColumn('Data', 'Number of entries.', (object) => countEntries(object, 'data')),
  ],
  selectableFields: [{ path: 'type', value: (object) => stringAt(object, 'type') }],
  strategy: {
    complete: foldStringData,
    validate,
    validateUpdate,
  },
});
