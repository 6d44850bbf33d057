import type { JsonObject } from '@quarterdeck/machinery';
import type { ActionHandler, ResourceDefinition } from '../registry/definition.ts';
import { objectsAt } from '../registry/fields.ts';
import { dataKind } from './data-kind.ts';

/** Secrets are those of the account's own namespace, whatever a reference says besides their names. */
function withNamesOnly(object: JsonObject): JsonObject {
  const secrets = objectsAt(object, 'secrets').map(({ name }) => (name === undefined ? {} : { name }));
  return secrets.length === 0 ? object : { ...object, secrets };
}

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
    strategy: { deleteReturnsObject: true, prepareForCreate: withNamesOnly, prepareForUpdate: withNamesOnly },
  });
}
