import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forkOptions, track } from './process.ts';

/** What the process of the members is told. */
export interface MembersOrder {
  readonly hubUrl: string;
  readonly caHash: string;
  /** Reusable, for all of them. */
  readonly token: string;
  readonly names: readonly string[];
}

/** What it says, once. */
export type MembersAnswer = { readonly type: 'ready' } | { readonly type: 'failed'; readonly message: string };

export interface MembersProcess extends AsyncDisposable {
  readonly pid: number;
}

/**
 * Simulated clusters with their agents in a process of their own; resolves when all agents have joined.
 * @throws Error when they cannot, or not in time
 */
export async function startMembers(order: MembersOrder, timeoutMs: number): Promise<MembersProcess> {
  const child = fork(fileURLToPath(import.meta.resolve('./members-process.ts')), forkOptions());
  const running = track(child);
  const answered = Promise.withResolvers<MembersAnswer>();
  child.once('message', (message: MembersAnswer) => answered.resolve(message));
  void running.exited.then((how) => answered.resolve({ type: 'failed', message: `its process ended: ${how}` }));
  child.send(order);
  const late: MembersAnswer = { type: 'failed', message: `not all have joined after ${timeoutMs / 1000} s` };
  const timer = setTimeout(() => answered.resolve(late), timeoutMs);
  const answer = await answered.promise.finally(() => clearTimeout(timer));
  if (answer.type === 'ready') return running;
  await running[Symbol.asyncDispose]();
  throw new Error(`the simulated members did not start: ${answer.message}`);
}
