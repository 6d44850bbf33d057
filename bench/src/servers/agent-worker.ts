import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HttpClientOptions } from '@quarterdeck/machinery';
import { forkOptions, type Running, track } from './process.ts';

/** What the process of the agent is told. */
export interface AgentOrder {
  readonly hub: HttpClientOptions;
  readonly member: HttpClientOptions;
  readonly hubNamespace: string;
  /** Added to every call of the member. */
  readonly latencyMs: number;
}

export interface AgentQuestion {
  /** Whether requests are counted anew from here. */
  readonly forget: boolean;
}

/** What it has come to. */
export interface AgentAnswer {
  /** To the member, since the last time that they were forgotten. */
  readonly requests: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

export interface AgentWorker extends AsyncDisposable {
  readonly pid: number;
  ask(question: AgentQuestion): Promise<AgentAnswer>;
}

/** The part of an agent that applies Works, in a process of its own. @throws Error when it ends instead of starting */
export async function startAgentWorker(order: AgentOrder): Promise<AgentWorker> {
  const child = fork(fileURLToPath(import.meta.resolve('./agent-process.ts')), forkOptions());
  const running: Running = track(child);
  const send = (message: AgentOrder | AgentQuestion) => {
    const answered = Promise.withResolvers<AgentAnswer>();
    child.once('message', (answer: AgentAnswer) => answered.resolve(answer));
    void running.exited.then((how) => answered.reject(new Error(`the agent ended: ${how}`)));
    child.send(message);
    return answered.promise;
  };
  await send(order);
  return { pid: running.pid, ask: send, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
