import { X509Certificate } from 'node:crypto';
import { isAgentOf, memberAccountName, readMemberUser } from '@quarterdeck/apis';
import { decodeJson, isJsonObject } from '@quarterdeck/machinery';
import type { Held } from './held.ts';

/** Name of the hub's user that an identity is; undefined: it does not tell. */
function userOf(held: Held): string | undefined {
  if (held.make === 'certificate') return /^CN=(.*)$/m.exec(new X509Certificate(held.certificate).subject)?.[1];
  try {
    // Read, not verified: a kept token is the agent's own, and the hub judges it.
    const { value } = decodeJson(Buffer.from(held.token.split('.')[1] ?? '', 'base64url'));
    const subject = isJsonObject(value) ? value.sub : undefined;
    return typeof subject === 'string' ? subject : undefined;
  } catch {
    return undefined;
  }
}

/** The identity of the cluster, as the certificate in use has it. RG-4 */
export const clusterUIDOf = (certificate: string): string =>
  readMemberUser(userOf({ make: 'certificate', certificate, key: '' }) ?? '')?.clusterUID ?? '';

/**
 * Whose a kept identity is, for people, where it is of a cluster of another name: a state directory may be another agent's.
 * Undefined: it is of this name, or does not tell. RG-4
 */
export function otherOwner(held: Held, clusterName: string): string | undefined {
  const user = userOf(held);
  if (user === undefined || isAgentOf(clusterName, user)) return undefined;
  return readMemberUser(user)?.clusterName ?? user;
}

/**
 * Whether a kept identity is of this very cluster, and not of one that had the name or the state directory before. RG-4
 * @param clusterUID of the cluster that the agent is at
 */
export const isOfCluster = (held: Held, clusterUID: string): boolean =>
  held.make === 'certificate'
    ? clusterUIDOf(held.certificate) === clusterUID
    : held.account === memberAccountName(clusterUID);
