import type { SettingsStore } from '../storage/storage.ts';
import { isSealed, type SettingsCipher } from './settings-cipher.ts';

/**
 * Reads a secret setting, making it if nobody has; two hubs that start at once get the same. Sealed where a cipher is
 * given; a setting stored in the clear, or by an older key, is sealed anew on the way. KA-148
 *
 * @throws Error when the setting is sealed and no cipher is given, or it does not open
 */
export async function getOrCreateSecret(
  settings: SettingsStore,
  name: string,
  options: { readonly cipher: SettingsCipher | undefined; readonly create: () => Promise<string> },
): Promise<string> {
  const { cipher, create } = options;
  let stored = await settings.get(name);
  if (stored === undefined) {
    const made = await create();
    stored = await settings.createOnce(name, cipher === undefined ? made : cipher.seal(name, made));
  }
  if (!isSealed(stored)) {
    if (cipher !== undefined) await settings.put(name, cipher.seal(name, stored));
    return stored;
  }
  if (cipher === undefined) {
    throw new Error(`setting ${name} in the database is encrypted: give the key file that it was encrypted with`);
  }
  const plain = cipher.open(name, stored);
  if (!cipher.isCurrent(stored)) await settings.put(name, cipher.seal(name, plain));
  return plain;
}

/** Replaces a secret setting, sealed where a cipher is given. */
export async function putSecret(
  settings: SettingsStore,
  name: string,
  { cipher, value }: { readonly cipher: SettingsCipher | undefined; readonly value: string },
): Promise<void> {
  await settings.put(name, cipher === undefined ? value : cipher.seal(name, value));
}
