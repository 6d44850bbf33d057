import { spawn } from 'node:child_process';

/** How a program ended. */
export interface Outcome {
  /** Exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Default: no input. */
  readonly input?: string;
  /** SIGKILL after this. Default 60 000. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end; a failing one is an outcome, not an error. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { timeoutMs = 60_000 } = options;
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const ended = Promise.withResolvers<number | undefined>();
  child.once('error', ended.reject);
  child.once('close', (code) => ended.resolve(code ?? undefined));
  const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await ended.promise.finally(() => clearTimeout(timer));
  const text = (from: readonly Buffer[]) => Buffer.concat(from).toString('utf8');
  return { code, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
}

/** `text` cut at spaces; an argument with a space in it is given as an array's element. */
export function words(args: string | readonly string[]): readonly string[] {
  return typeof args === 'string' ? args.split(/\s+/).filter((word) => word !== '') : args;
}
