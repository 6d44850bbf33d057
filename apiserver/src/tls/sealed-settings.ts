import { isSealed, type Keyring } from '../storage/at-rest/keyring.ts';
import type { SettingsStore } from '../storage/storage.ts';

/**
 * Reads a secret setting, making it if nobody has; two hubs that start at once get the same. Sealed where a keyring is
 * given; a setting stored in the clear, or by an older key, is sealed anew on the way. KA-148
 *
 * @throws Error when the setting is sealed and no keyring is given, or it does not open
 */
export async function getOrCreateSecret(
  settings: SettingsStore,
  name: string,
  options: {
    readonly keyring: Keyring | undefined;
    readonly create: () => Promise<string>;
    /** Default true. */
    readonly sealsAnew?: boolean;
  },
): Promise<string> {
  const { keyring, create, sealsAnew = true } = options;
  let stored = await settings.get(name);
  if (stored === undefined) {
    const made = await create();
    stored = await settings.createOnce(name, keyring === undefined ? made : keyring.seal(name, made));
  }
  const plain = openSecret(name, stored, keyring);
  if (keyring !== undefined && sealsAnew && !(isSealed(stored) && keyring.isCurrent(stored))) {
    // Somebody may have replaced it since: a CA that has just been announced must not be lost by this.
    await settings.replace(name, stored, keyring.seal(name, plain));
  }
  return plain;
}

/** @throws Error when it is sealed and no keyring is given, or it does not open */
export function openSecret(name: string, stored: string, keyring: Keyring | undefined): string {
  if (!isSealed(stored)) return stored;
  if (keyring === undefined) {
    throw new Error(
      `setting ${name} in the database is encrypted: give the file with the key that it was encrypted with by --encryption-keys`,
    );
  }
  return keyring.open(name, stored, `setting ${name}`);
}
