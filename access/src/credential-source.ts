import { backoffMs, type Clock, type EpochMs } from '@quarterdeck/machinery';
import { AccessError } from './errors.ts';
import type { Credential } from './exec-credential.ts';

/** Credentials of one plugin call, obtained when needed and kept as long as they hold. */
export interface CredentialSource {
  /**
   * The credential to use now. Runs the plugin when there is none yet, it has expired, or a server refused it; callers at
   * the same time share one run. CP-14, CP-22, CP-23, CP-25
   * @throws AccessError of the run, also for a while after a failed one, so that failures are not repeated in a hot loop. CP-29
   */
  get(): Promise<Credential>;
  /** A server answered 401 to this credential: it is used no more. Once for each credential. CP-24 */
  refused(credential: Credential): void;
}

export interface CredentialSourceOptions {
  readonly obtain: () => Promise<Credential>;
  readonly clock: Clock;
  /** In [0, 1); default Math.random. */
  readonly random?: () => number;
}

/** CP-29 */
const backoff = { baseMs: 1_000, maxMs: 60_000 };

/**
 * What is known of the credential:
 *
 *     Empty --get--> (obtaining) --ok--> Held --expired, or 401--> (obtaining)
 *                        | failed
 *                        v
 *                     Failed --pause over, get--> (obtaining)
 */
type State =
  | { readonly name: 'Empty' }
  | { readonly name: 'Held'; readonly credential: Credential; readonly refused: boolean }
  | { readonly name: 'Failed'; readonly error: AccessError; readonly retryAt: number };

export function createCredentialSource(options: CredentialSourceOptions): CredentialSource {
  const { obtain, clock, random = Math.random } = options;
  let state: State = { name: 'Empty' };
  let running: Promise<Credential> | undefined;
  /** Runs in a row that brought nothing new: failures, and credentials equal to the refused one. */
  let fruitless = 0;
  /** By the monotonic clock: a refused credential is not asked for anew before. */
  let notBefore = 0;

  function pauseAfterFruitlessRun(): number {
    fruitless++;
    return clock.monotonic() + backoffMs(backoff, fruitless, random());
  }

  async function run(before: Credential | undefined): Promise<Credential> {
    try {
      const credential = await obtain();
      if (before !== undefined && isSame(before, credential)) notBefore = pauseAfterFruitlessRun();
      else fruitless = 0;
      state = { name: 'Held', credential, refused: false };
      return credential;
    } catch (cause) {
      const error = cause instanceof AccessError ? cause : new AccessError((cause as Error).message, { cause });
      state = { name: 'Failed', error, retryAt: pauseAfterFruitlessRun() };
      throw error;
    } finally {
      running = undefined;
    }
  }

  return {
    async get() {
      if (running !== undefined) return await running;
      if (state.name === 'Failed' && clock.monotonic() < state.retryAt) throw waiting(state, clock);
      if (state.name === 'Held' && isUsable(state, clock.now(), clock.monotonic() < notBefore)) return state.credential;
      running = run(state.name === 'Held' && state.refused ? state.credential : undefined);
      return await running;
    },
    refused(credential) {
      if (state.name === 'Held' && state.credential === credential) state = { ...state, refused: true };
    },
  };
}

/** @param pausing the plugin just gave again what was refused: until a while has passed the server may answer for itself */
function isUsable({ credential, refused }: State & { name: 'Held' }, now: EpochMs, pausing: boolean): boolean {
  if (credential.expiresAt !== undefined && credential.expiresAt <= now) return false;
  return !refused || pausing;
}

const isSame = (a: Credential, b: Credential): boolean =>
  a.token === b.token && a.certificate?.cert === b.certificate?.cert;

function waiting({ error, retryAt }: State & { name: 'Failed' }, clock: Clock): AccessError {
  const seconds = Math.ceil((retryAt - clock.monotonic()) / 1000);
  return new AccessError(`${error.message} (tried again in ${seconds} s)`, { cause: error });
}
