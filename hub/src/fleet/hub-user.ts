import { hubUserName } from '@quarterdeck/apis';
import { hubServiceAccount } from './roles.ts';

/** Who the fleet's controllers are to the API server. */
export function hubUser() {
  const { namespace } = hubServiceAccount;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { name: hubUserName, groups };
}
