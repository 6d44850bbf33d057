import type { ActionHandler, ResourceDefinition } from '../registry/definition.ts';
import { dataKind } from './data-kind.ts';

/** @param token answers `/token`; see authn. KA-121 */
export function serviceAccounts(token: ActionHandler): ResourceDefinition {
  return dataKind({
    group: '',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    scope: 'Namespaced',
    shortNames: ['sa'],
    subresources: {
      token: {
        type: 'action',
        group: 'authentication.k8s.io',
        version: 'v1',
        kind: 'TokenRequest',
        verbs: ['create'],
        handle: token,
      },
    },
    strategy: { deleteReturnsObject: true },
  });
}
