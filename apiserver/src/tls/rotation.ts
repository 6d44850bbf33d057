import { X509Certificate } from 'node:crypto';
import { type Clock, encodeJson } from '@quarterdeck/machinery';
import type { Keyring } from '../storage/at-rest/keyring.ts';
import type { SettingsStore } from '../storage/storage.ts';
import { createAuthority } from './authority.ts';
import { authoritiesSetting, readAuthorities, type StoredAuthority } from './pki.ts';
import { openSecret } from './sealed-settings.ts';

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
function rotationPhase(authorities: readonly StoredAuthority[]): RotationPhase {
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

/** Where the replacement stands, as it was read. */
export interface Rotation {
  readonly phase: RotationPhase;
  /** The signing one first. */
  readonly authorities: readonly StoredAuthority[];
  /** As the database has it. */
  readonly stored: string;
}

/** Reads where the replacement stands, and changes nothing. @throws Error when no hub has made a CA yet, or it is sealed */
export async function readRotation({ settings, keyring }: Omit<RotationOptions, 'clock'>): Promise<Rotation> {
  const stored = await settings.get(authoritiesSetting);
  if (stored === undefined) throw new Error('the database holds no CA yet: start the hub first');
  return rotationOf(stored, readAuthorities(openSecret(authoritiesSetting, stored, keyring)));
}

const rotationOf = (stored: string, authorities: readonly StoredAuthority[]): Rotation => ({
  phase: rotationPhase(authorities),
  authorities,
  stored,
});

/** Somebody else took a step, or wrote the CAs anew, since they were read. */
export class RotationChangedError extends Error {
  override readonly name = 'RotationChangedError';
}

/**
 * Takes the step after the one that was seen, and stores it at once or not at all; running hubs follow within seconds. Whether
 * the fleet is ready for it is the caller's to know, who has judged by what was seen: of two that saw the same, one takes it.
 * @throws RotationChangedError when it is not as it was seen any more
 */
export async function advanceRotation(
  seen: Rotation,
  { settings, clock, keyring }: RotationOptions,
): Promise<Rotation> {
  const authorities = await nextAuthorities(seen, clock);
  const text = encodeJson({ authorities: authorities.map((each) => ({ ...each })) });
  const value = keyring === undefined ? text : keyring.seal(authoritiesSetting, text);
  if (!(await settings.replace(authoritiesSetting, seen.stored, value))) {
    throw new RotationChangedError(
      'somebody else has changed the CAs in this moment: look at quarterdeck hub rotate-ca --status before you take another step',
    );
  }
  return rotationOf(value, authorities);
}

async function nextAuthorities({ phase, authorities }: Rotation, clock: Clock): Promise<StoredAuthority[]> {
  const [signing, other] = authorities;
  if (signing === undefined) throw new Error('no CA with a key is stored');
  switch (phase) {
    case 'Steady':
      return [signing, await createAuthority(clock.now())];
    case 'Announced':
      return other === undefined ? [signing] : [other, signing];
    case 'Switched':
      return [signing];
  }
}
