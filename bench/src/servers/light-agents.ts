import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forkOptions, track } from './process.ts';

/** Where a process of light agents finds the hub. */
export interface LightOrder {
  readonly hubUrl: string;
  /** PEM. */
  readonly ca: string;
  /** Reusable, for all of them. */
  readonly token: string;
}

/** What it is asked; one thing at a time. */
export type LightQuestion =
  | ({ readonly ask: 'begin' } & LightOrder)
  /** Gets certificates, connects, beats and reports from then on. */
  | { readonly ask: 'join'; readonly names: readonly string[] }
  /** Ends all connections at once, and connects again at once; answered when all watch again. */
  | { readonly ask: 'storm' }
  /** No more heartbeats of the first so many; they stay connected. */
  | { readonly ask: 'silence'; readonly count: number }
  /** What was counted since the last time. */
  | { readonly ask: 'count' };

export interface LightCount {
  readonly beats: number;
  /** Heartbeats that were not answered, or not well. */
  readonly missed: number;
  /** Of answered heartbeats. */
  readonly beatMs: readonly number[];
  readonly reports: number;
  /** Reports that were not answered well. */
  readonly unreported: number;
  /** Connections that were lost, or could not be made, and were made again. */
  readonly reconnects: number;
  readonly watching: number;
  /** The last thing that went wrong. Absent: nothing. */
  readonly trouble?: string;
}

export type LightAnswer =
  | { readonly ok: true; readonly seconds: number; readonly count: LightCount }
  | { readonly ok: false; readonly message: string };

export interface LightAgents extends AsyncDisposable {
  readonly pid: number;
  /** @throws Error with what went wrong there */
  ask(question: LightQuestion): Promise<LightAnswer & { ok: true }>;
}

/** A process of light agents, which has none yet. */
export async function startLightAgents(order: LightOrder): Promise<LightAgents> {
  const child = fork(fileURLToPath(import.meta.resolve('./light-agents-process.ts')), forkOptions());
  const running = track(child);
  const agents: LightAgents = {
    pid: running.pid,
    async ask(question) {
      const answered = Promise.withResolvers<LightAnswer>();
      child.once('message', (answer: LightAnswer) => answered.resolve(answer));
      void running.exited.then((how) => answered.resolve({ ok: false, message: `their process ended: ${how}` }));
      child.send(question);
      const answer = await answered.promise;
      if (!answer.ok) throw new Error(`light agents: ${answer.message}`);
      return answer;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
  await agents.ask({ ask: 'begin', ...order });
  return agents;
}
