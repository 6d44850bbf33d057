import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cacheFolder, goProgram } from '@quarterdeck/e2e/kube';
import { repository, track } from '../servers/process.ts';
import type { Target } from './closed-loop.ts';
import type { LoadOrders } from './loadgen-orders.ts';

/** The load generator in Go (bench/loadgen), for one server: it keeps from one order to the next what orders keep. */
export interface Loadgen extends AsyncDisposable {
  /** One at a time. @throws Error with what went wrong there, such as the first answer that is no success */
  ask<K extends keyof LoadOrders>(what: K, order: LoadOrders[K]['order']): Promise<LoadOrders[K]['result']>;
}

const module = join(repository, 'bench/loadgen');

/** From the cache, or built, which takes seconds. @throws KubeUnavailableError without Go and without a warm cache */
async function loadgenBinary(say: (line: string) => void): Promise<string> {
  const sources = (await readdir(module))
    .filter((file) => /\.(go|mod)$/.test(file) && !file.endsWith('_test.go'))
    .sort();
  const inputs = await Promise.all(sources.map((file) => readFile(join(module, file), 'utf8')));
  const folder = await cacheFolder('loadgen', inputs);
  const args = ['build', '-ldflags', '-s -w', '.'] as const;
  return await goProgram({ folder, file: 'loadgen', module, args, what: 'the load generator' }, say);
}

export interface LoadgenOptions {
  readonly target: Target;
  /** What starts a program where load belongs, before its name; see pinning.ts. Empty: anywhere. */
  readonly prefix: readonly string[];
  readonly say: (line: string) => void;
}

/** Starts one and tells it where the server is. @throws KubeUnavailableError as above */
export async function startLoadgen({ target, prefix, say }: LoadgenOptions): Promise<Loadgen> {
  const [command = '', ...args] = [...prefix, await loadgenBinary(say)];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const running = track(child);
  const ask = questions(child, running.exited);
  await ask('begin', { url: target.url, ...target.tls });
  return {
    ask: (what, order) => ask(what, order) as Promise<never>,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

type Reply = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly message: string };

function questions(
  child: ChildProcess & { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream },
  exited: Promise<string>,
) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (what: string, order: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify({ do: what, ...order })}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error(`the load generator ended: ${await exited}`);
    const reply = JSON.parse(line.value) as Reply;
    if (!reply.ok) throw new Error(reply.message);
    return reply.result;
  };
}
