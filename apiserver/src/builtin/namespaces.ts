import type { JsonObject } from '@quarterdeck/machinery';
import { objectAt, stringAt, stringsAt, withValue } from '../registry/fields.ts';
import { dnsLabelProblems } from '../registry/names.ts';
import { fieldColumn } from './columns.ts';
import { dataKind, status } from './data-kind.ts';

const nameLabel = 'kubernetes.io/metadata.name';

/** Namespaces that cannot be deleted. KA-109 */
export const immortalNamespaces: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

function withNameLabel(object: JsonObject): JsonObject {
  const name = stringAt(object, 'metadata', 'name');
  if (name === '' || stringAt(object, 'metadata', 'labels', nameLabel) === name) return object;
  return withValue(object, ['metadata', 'labels', nameLabel], name);
}

/** KA-109, KA-111 */
export const namespaces = dataKind({
  group: '',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
  shortNames: ['ns'],
  columns: [fieldColumn('Status', 'Active, or Terminating while its content is being deleted.', 'status', 'phase')],
  selectableFields: [{ path: 'status.phase', value: (object) => stringAt(object, 'status', 'phase') }],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: {
    status,
    finalize: {
      type: 'part',
      kind: 'Namespace',
      merge: (stored, request) => {
        const finalizers = stringsAt(request, 'spec', 'finalizers');
        return withValue(stored, ['spec', 'finalizers'], finalizers.length === 0 ? undefined : [...finalizers]);
      },
    },
  },
  strategy: {
    deleteReturnsObject: true,
    validateName: dnsLabelProblems,
    complete: withNameLabel,
    prepareForCreate: (object) => {
      const finalizers = stringsAt(object, 'spec', 'finalizers');
      const kept = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
      return { ...object, spec: { ...objectAt(object, 'spec'), finalizers: [...kept] }, status: { phase: 'Active' } };
    },
    // spec.finalizers is changed through /finalize alone.
    prepareForUpdate: (object, old) => ({ ...object, spec: objectAt(old, 'spec') }),
    prepareForDelete: (object) => withValue(object, ['status', 'phase'], 'Terminating'),
    holdsDeletion: (object) => stringsAt(object, 'spec', 'finalizers').length > 0,
  },
});
