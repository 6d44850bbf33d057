import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { type Clock, caKeyHash, encodeJson, isJsonObject, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { isSealed, type Keyring } from '../storage/at-rest/keyring.ts';
import type { SettingsStore } from '../storage/storage.ts';
import {
  type CertificateAuthority,
  createAuthority,
  issueCertificate,
  type KeyPairPem,
  openAuthority,
} from './authority.ts';
import type { AlternativeName } from './certificate-request.ts';
import { getOrCreateSecret } from './sealed-settings.ts';
import { createSigningKeysText, readSigningKeys, type SigningKeys } from './signing-keys.ts';

/** The server's own trust: made at the first start, kept in the database, the same on every hub process. KA-148 */
export interface Pki {
  /** The CA that signs serving and client certificates. */
  readonly authority: CertificateAuthority;
  /** PEM of every trusted CA, the signing one first: what clients trust, and what client certificates are checked by. */
  readonly caBundle: string;
  /** Of the signing CA, for `join`: see {@link caKeyHash}. */
  readonly caHash: string;
  readonly serviceAccountKeys: SigningKeys;
  /** A certificate for these DNS names and addresses, with a new key; the chain ends in the CA itself. */
  issueServing(options: IssueServingOptions): Promise<KeyPairPem>;
  /** A client certificate with a new key: CN is the user, O its groups. Admins have the group `system:masters`. */
  issueClient(options: IssueClientOptions): Promise<KeyPairPem>;
}

export interface IssueServingOptions {
  readonly names: readonly string[];
  /** Default 90 days. */
  readonly lifetimeMs?: number;
}

export interface IssueClientOptions {
  readonly user: string;
  readonly groups: readonly string[];
  /** Default (and at most) one year. */
  readonly lifetimeMs?: number;
}

export interface PkiOptions {
  readonly clock: Clock;
  /** Absent: keys are stored in the clear. */
  readonly keyring?: Keyring;
  /** Write what is stored plain, or sealed by an earlier key, anew under the first key. Default true. KA-147 */
  readonly sealsAnew?: boolean;
}

export const authoritiesSetting = 'pki.authorities';
const signingKeysSetting = 'pki.service-account-keys';
const dayMs = 86_400_000;
const servingLifetimeMs = 90 * dayMs;
const clientLifetimeMs = 365 * dayMs;

/**
 * Reads the CA and the service account keys, or makes them at the first start; hubs that start at once agree.
 * @throws Error when they are encrypted and the keyring is missing or has other keys
 */
export async function loadOrCreatePki(
  settings: SettingsStore,
  { clock, keyring, sealsAnew = true }: PkiOptions,
): Promise<Pki> {
  const createAuthorities = async () => encodeJson({ authorities: [{ ...(await createAuthority(clock.now())) }] });
  const [authoritiesText, keysText] = await Promise.all([
    getOrCreateSecret(settings, authoritiesSetting, { keyring, sealsAnew, create: createAuthorities }),
    getOrCreateSecret(settings, signingKeysSetting, { keyring, sealsAnew, create: createSigningKeysText }),
  ]);
  const authorities = readAuthorities(authoritiesText);
  const signing = authorities.find((one) => one.key !== undefined);
  if (signing?.key === undefined) throw new Error('no CA with a key is stored');
  const authority = await openAuthority({ certificate: signing.certificate, key: signing.key });
  const others = authorities.filter((one) => one !== signing).map((one) => one.certificate);
  return {
    authority,
    caBundle: [authority.pem, ...others].join(''),
    caHash: caKeyHash(authority.pem),
    serviceAccountKeys: await readSigningKeys(keysText),
    issueServing: async ({ names, lifetimeMs = servingLifetimeMs }) => {
      const [commonName = 'quarterdeck'] = names;
      const { certificate, key } = await withNewKey((publicKey) =>
        issueCertificate(authority, {
          // Names longer than a common name may be stand among the alternative names only.
          subject: { commonName: commonName.length > 64 ? 'quarterdeck' : commonName, organizations: [] },
          publicKey,
          usage: 'server',
          alternativeNames: names.map(alternativeName),
          now: clock.now(),
          lifetimeMs,
        }),
      );
      // The CA goes along: whoever knows only the hash of its key learns it from the handshake.
      return { certificate: certificate + authority.pem, key };
    },
    issueClient: ({ user, groups, lifetimeMs = clientLifetimeMs }) =>
      withNewKey((publicKey) =>
        issueCertificate(authority, {
          subject: { commonName: user, organizations: groups },
          publicKey,
          usage: 'client',
          now: clock.now(),
          lifetimeMs,
        }),
      ),
  };
}

/** Whether a hub with keys was here before: its CA is stored, and sealed. KA-147 */
export async function isPkiSealed(settings: SettingsStore): Promise<boolean> {
  return isSealed((await settings.get(authoritiesSetting)) ?? '');
}

/** A CA without a key is one to be trusted still (or already) while another signs. RG-9 */
export interface StoredAuthority {
  readonly certificate: string;
  readonly key?: string;
}

/** The CAs as stored. @throws Error when there is one without a certificate */
export function readAuthorities(text: string): StoredAuthority[] {
  const stored = parseJson(text);
  const list = isJsonObject(stored) && Array.isArray(stored.authorities) ? stored.authorities : [];
  return list.filter(isJsonObject).map(({ certificate, key }: JsonObject) => {
    if (typeof certificate !== 'string') throw new Error('a stored CA has no certificate');
    return typeof key === 'string' ? { certificate, key } : { certificate };
  });
}

async function withNewKey(
  issue: (publicKey: ReturnType<typeof createPublicKey>) => Promise<string>,
): Promise<KeyPairPem> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = await issue(createPublicKey(privateKey));
  return { certificate, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

function alternativeName(name: string): AlternativeName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}
