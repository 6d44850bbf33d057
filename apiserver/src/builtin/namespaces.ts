import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt, stringAt, stringsAt, withValue } from '../registry/fields.ts';
import { dnsLabelProblems, qualifiedNameProblems } from '../registry/names.ts';
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

/** KA-111c */
function finalizerErrors(object: JsonObject): FieldError[] {
  return stringsAt(object, 'spec', 'finalizers').flatMap((name, index) => {
    const problems = qualifiedNameProblems(name);
    if (problems.length === 0 && !name.includes('/') && name !== 'kubernetes') {
      problems.push('name is neither a standard finalizer name nor is it fully qualified');
    }
    return problems.map((problem) => invalidField(`spec.finalizers[${index}]`, name, problem));
  });
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
      verbs: ['update'],
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
      // A name that the server has made up is known only now.
      const named = withNameLabel(object);
      const finalizers = stringsAt(object, 'spec', 'finalizers');
      const kept = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
      return { ...named, spec: { ...objectAt(object, 'spec'), finalizers: [...kept] }, status: { phase: 'Active' } };
    },
    // spec.finalizers is changed through /finalize alone.
    prepareForUpdate: (object, old) => ({ ...object, spec: objectAt(old, 'spec') }),
    prepareForDelete: (object) => {
      // It goes when it is empty, not after a while.
      const patient = withValue(object, ['metadata', 'deletionGracePeriodSeconds'], undefined);
      return withValue(patient, ['status', 'phase'], 'Terminating');
    },
    validate: finalizerErrors,
    holdsDeletion: (object) => stringsAt(object, 'spec', 'finalizers').length > 0,
  },
});
