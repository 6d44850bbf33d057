import type { Clock, Logger, Timer } from '@quarterdeck/machinery';
import type { SettingsStore } from '../storage/storage.ts';
import { authoritiesSetting, loadOrCreatePki, type Pki, type PkiOptions } from './pki.ts';

/** A {@link Pki} that follows what is stored: a CA that is replaced is taken over without a restart. RG-9 */
export interface LivePki extends Pki, Disposable {
  /** Calls back after each change of the CAs, until disposed. */
  onChange(listener: () => void): Disposable;
}

export interface LivePkiOptions extends PkiOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the database is asked, ms. Default 5,000. */
  readonly everyMs?: number;
}

/** @throws Error as loadOrCreatePki; later failures leave the last CAs in use and are logged */
export async function openLivePki(settings: SettingsStore, options: LivePkiOptions): Promise<LivePki> {
  const { clock, logger, everyMs = 5_000 } = options;
  let current = await loadOrCreatePki(settings, options);
  let stored = await settings.get(authoritiesSetting);
  const listeners = new Set<() => void>();
  let timer: Timer | undefined;
  let isDisposed = false;

  async function look(): Promise<void> {
    try {
      const now = await settings.get(authoritiesSetting);
      if (now !== stored && !isDisposed) {
        const before = current.caBundle;
        // Processes whose keys are being replaced would write each other's text anew for ever.
        current = await loadOrCreatePki(settings, { ...options, sealsAnew: false });
        stored = now;
        if (current.caBundle !== before) {
          logger.info({ caHash: current.caHash }, 'the CA changed');
          for (const listener of listeners) listener();
        }
      }
    } catch (error) {
      logger.warn({ err: error }, 'the CA in the database cannot be read; the last one stays in use');
    }
    schedule();
  }
  function schedule(): void {
    if (!isDisposed) timer = clock.after(everyMs, () => void look());
  }
  schedule();
  return {
    get authority() {
      return current.authority;
    },
    get caBundle() {
      return current.caBundle;
    },
    get caHash() {
      return current.caHash;
    },
    get serviceAccountKeys() {
      return current.serviceAccountKeys;
    },
    issueServing: (wanted) => current.issueServing(wanted),
    issueClient: (wanted) => current.issueClient(wanted),
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    [Symbol.dispose]() {
      isDisposed = true;
      timer?.cancel();
    },
  };
}
