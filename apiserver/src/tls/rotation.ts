import { X509Certificate } from 'node:crypto';
import { type Clock, encodeJson } from '@quarterdeck/machinery';
import type { Keyring } from '../storage/at-rest/keyring.ts';
import type { SettingsStore } from '../storage/storage.ts';
import { createAuthority } from './authority.ts';
import { authoritiesSetting, readAuthorities, type StoredAuthority } from './pki.ts';
import { getOrCreateSecret, putSecret } from './sealed-settings.ts';

/**
 * How far the replacement of the CA has come. RG-9
 *
 *     Steady --announce--> Announced --switch--> Switched --retire--> Steady
 *
 * Announced: a second CA is trusted, the first still signs; everybody learns the second. Switched: the second signs, the
 * first is still trusted; everybody gets a certificate of the second. After that the first is forgotten.
 */
export type RotationPhase = 'Steady' | 'Announced' | 'Switched';

/** @param authorities the signing one first */
export function rotationPhase(authorities: readonly StoredAuthority[]): RotationPhase {
  const [signing, other] = authorities;
  if (signing === undefined || other === undefined) return 'Steady';
  return madeAt(signing) < madeAt(other) ? 'Announced' : 'Switched';
}

const madeAt = ({ certificate }: StoredAuthority): number => new X509Certificate(certificate).validFromDate.getTime();

export interface RotationOptions {
  readonly settings: SettingsStore;
  readonly clock: Clock;
  readonly keyring?: Keyring;
}

/** The CAs in the database, the signing one first. @throws Error when no hub has made them yet, or they are sealed */
export async function readRotation(options: RotationOptions): Promise<readonly StoredAuthority[]> {
  const { settings, keyring } = options;
  const text = await getOrCreateSecret(settings, authoritiesSetting, {
    keyring,
    create: () => Promise.reject(new Error('the database holds no CA yet: start the hub first')),
  });
  return readAuthorities(text);
}

/**
 * Takes the next step and stores it; running hubs follow within seconds. Whether the fleet is ready for it is the caller's
 * to know.
 * @returns the CAs afterwards
 */
export async function advanceRotation(options: RotationOptions): Promise<readonly StoredAuthority[]> {
  const before = await readRotation(options);
  const after = await nextAuthorities(before, options.clock);
  await putSecret(options.settings, authoritiesSetting, {
    keyring: options.keyring,
    value: encodeJson({ authorities: after.map((each) => ({ ...each })) }),
  });
  return after;
}

async function nextAuthorities(authorities: readonly StoredAuthority[], clock: Clock): Promise<StoredAuthority[]> {
  const [signing, other] = authorities;
  if (signing === undefined) throw new Error('no CA with a key is stored');
  switch (rotationPhase(authorities)) {
    case 'Steady':
      return [signing, await createAuthority(clock.now())];
    case 'Announced':
      return other === undefined ? [signing] : [other, signing];
    case 'Switched':
      return [signing];
  }
}
