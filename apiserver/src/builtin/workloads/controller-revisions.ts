import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { numberAt, objectsAt, requiredField, stringAt, valueAt } from '../../registry/fields.ts';
import { atLeast, immutable } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind } from '../data-kind.ts';

function dataErrors(revision: JsonObject): FieldError[] {
  const data = valueAt(revision, 'data');
  if (data === undefined) return [requiredField('data', 'data is mandatory')];
  return isJsonObject(data) ? [] : [requiredField('data', 'data must be a valid JSON object')];
}

/** `statefulset.apps/web` */
function controllerText(revision: JsonObject): string | undefined {
  const owner = objectsAt(revision, 'metadata', 'ownerReferences').find((one) => one.controller === true);
  if (owner === undefined) return undefined;
  const [group] = stringAt(owner, 'apiVersion').includes('/') ? stringAt(owner, 'apiVersion').split('/') : [''];
  const kind = stringAt(owner, 'kind').toLowerCase();
  return `${kind}${group === '' ? '' : `.${group ?? ''}`}/${stringAt(owner, 'name')}`;
}

/** KA-3 */
export const controllerRevisions = dataKind({
  group: 'apps',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  columns: [
    cell('Controller', 'Whose state it is.', controllerText),
    cell('Revision', 'Its number.', (revision) => numberAt(revision, 'revision') ?? 0),
  ],
  strategy: {
    validate: (revision) => atLeast(revision, '', 'revision'),
    validateCreate: dataErrors,
    validateUpdate: (revision, old) => immutable(revision, old, 'data'),
  },
});
