import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, numberAt, objectAt, stringAt, valueAt } from '../registry/fields.ts';
import { fieldColumn } from './columns.ts';
import { dataKind } from './data-kind.ts';

/** Strict compare-and-swap, by anybody who elects a leader. KA-55, KA-142 */
function validate(object: JsonObject): FieldError[] {
  const duration = numberAt(object, 'spec', 'leaseDurationSeconds');
  const transitions = numberAt(object, 'spec', 'leaseTransitions');
  const strategy = valueAt(object, 'spec', 'strategy');
  return [
    ...(duration !== undefined && duration <= 0
      ? [invalidField('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
      : []),
    ...(transitions !== undefined && transitions < 0
      ? [invalidField('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
    ...(strategy === undefined && stringAt(object, 'spec', 'preferredHolder') !== ''
      ? [invalidField('spec.preferredHolder', stringAt(object, 'spec', 'preferredHolder'), 'needs a strategy')]
      : []),
  ];
}

/** Held by whom it was, on the same terms, and nothing new but the time. KA-142 */
export function isRenewal(object: JsonObject, old: JsonObject): boolean {
  return equalValues(terms(object), terms(old));
}

function terms(lease: JsonObject): JsonObject {
  const { renewTime: _when, ...spec } = objectAt(lease, 'spec');
  const { managedFields: _who, ...metadata } = objectAt(lease, 'metadata');
  return { ...lease, metadata, spec };
}

export const leases = dataKind({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  columns: [fieldColumn('Holder', 'Who holds the lease; empty when it was released.', 'spec', 'holderIdentity')],
  strategy: { allowCreateOnUpdate: true, allowUnconditionalUpdate: false, validate, isRenewal },
});
