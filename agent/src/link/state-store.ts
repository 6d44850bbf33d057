import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '@quarterdeck/machinery';

/** What an agent keeps between runs. Nothing else of it is worth keeping: the rest is read again. */
export interface AgentState {
  /** PEM of the hub's CA bundle, verified at the first contact. */
  readonly hubCa?: string;
  /** The certificate in use, with its key. PEM. */
  readonly certificate?: string;
  readonly key?: string;
  /** The token in use where the hub gives no certificates, with the service account that it is of, and from when to when it is good: RFC 3339. RG-7 */
  readonly token?: string;
  readonly tokenAccount?: string;
  readonly tokenIssued?: string;
  readonly tokenExpires?: string;
  /** Key of a request that is not answered yet, so that a restart reuses key and request. PEM. RG-5 */
  readonly pendingKey?: string;
}

/** Holds private keys and tokens: readable by the agent alone. */
export interface StateStore {
  load(): Promise<AgentState>;
  /** Replaces everything, durably and at once. */
  save(state: AgentState): Promise<void>;
}

/** In memory, for tests and simulated members: forgotten with the process. */
export function memoryStateStore(initial: AgentState = {}): StateStore {
  let state = initial;
  return {
    load: () => Promise.resolve(state),
    save: (next) => {
      state = next;
      return Promise.resolve();
    },
  };
}

/**
 * One JSON file of mode 0600 in a directory of mode 0700, replaced by renaming.
 * @throws Error naming the file when it cannot be read as what it is
 */
export function fileStateStore(dir: string): StateStore {
  const file = join(dir, 'agent-state.json');
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
        throw error;
      }
      const state = readState(text);
      if (state === undefined) throw new Error(`${file} is damaged; remove it and join again with a new token`);
      return state;
    },
    async save(state) {
      makeDirectory(dir, 0o700);
      await chmod(dir, 0o700);
      const scratch = `${file}.${process.pid}.tmp`;
      await rm(scratch, { force: true }); // left by a crash, or planted while the directory was open to others
      try {
        await writeFile(scratch, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
        await rename(scratch, file);
      } finally {
        await rm(scratch, { force: true });
      }
    },
  };
}

/** What a kept state holds, and nothing else. */
export const stateFields = [
  'hubCa',
  'certificate',
  'key',
  'token',
  'tokenAccount',
  'tokenIssued',
  'tokenExpires',
  'pendingKey',
] as const satisfies readonly (keyof AgentState)[];

/** Undefined when the text is not a state: half a file, or another one. Fields of later versions are dropped. */
function readState(text: string): AgentState | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const entries = stateFields.flatMap((field) => {
    const value = (content as Record<string, unknown>)[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  return entries.every(([, value]) => typeof value === 'string') ? Object.fromEntries(entries) : undefined;
}
