import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Logger } from '@quarterdeck/machinery';
import type { PluginCall } from './connection.ts';
import { AccessError } from './errors.ts';
import { type Credential, execInfo, execInfoVariable, readCredential } from './exec-credential.ts';
import { requireTrusted } from './trusted-command.ts';

export interface RunPluginOptions {
  /** The consumer's own environment, which the plugin inherits. CP-19 */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Default 30 000. CP-29 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 30_000;
/** CP-29 */
const maxOutputBytes = 1_048_576;
const maxDiagnosticBytes = 65_536;

/**
 * Runs a plugin once: no shell, no standard input, bounded in time and output; its standard error goes to the log.
 * CP-17 to CP-21, CP-29
 * @throws AccessError: cannot be started, exit code not 0, took too long, said too much, or its output is refused
 */
export async function runPlugin(call: PluginCall, options: RunPluginOptions): Promise<Credential> {
  const { logger, timeoutMs = defaultTimeoutMs } = options;
  const expired = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? expired : AbortSignal.any([expired, options.signal]);
  try {
    const env = environmentOf(call, options.environment);
    await requireTrusted(call.command, env.PATH);
    const child = start(call, env, signal);
    const [output, diagnostics] = await finish(child, signal);
    report(diagnostics, call, logger);
    return readCredential(output, call.apiVersion);
  } catch (cause) {
    options.signal?.throwIfAborted();
    const why = expired.aborted ? `took longer than ${timeoutMs / 1000} s` : messageOf(cause);
    throw new AccessError(`the credentials plugin ${call.command}: ${why}`);
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** CP-19 */
function environmentOf(call: PluginCall, own: RunPluginOptions['environment']): RunPluginOptions['environment'] {
  const configured = Object.fromEntries(call.env.map(({ name, value }) => [name, value]));
  return { ...own, ...configured, [execInfoVariable]: execInfo(call) };
}

function start(call: PluginCall, env: RunPluginOptions['environment'], signal: AbortSignal): Child {
  return spawn(call.command, [...call.args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
}

/** Standard output and standard error of a child that ended well. */
async function finish(child: Child, signal: AbortSignal): Promise<[string, string]> {
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      code === 0 ? resolve() : reject(new AccessError(`ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
  // What the plugin itself has started may outlive it, with its pipes in hand: nobody waits for that.
  const letGo = () => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  signal.addEventListener('abort', letGo, { once: true });
  const output = gather(child.stdout, maxOutputBytes, () => {
    child.kill('SIGKILL');
    letGo();
  });
  const diagnostics = gather(child.stderr, maxDiagnosticBytes);
  try {
    await ended;
  } catch (cause) {
    // What the plugin wrote on its standard error is the best explanation there is.
    const said = (await diagnostics).text.trim().split('\n').at(-1)?.slice(0, 512) ?? '';
    if ((await output).overrun) throw new AccessError(`wrote more than ${maxOutputBytes} bytes`);
    throw said === '' ? cause : new AccessError(`${messageOf(cause)}: ${said}`);
  }
  return [(await output).text, (await diagnostics).text];
}

async function gather(
  stream: Readable,
  limit: number,
  onOverrun?: () => void,
): Promise<{ text: string; overrun: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else onOverrun?.();
    }
  } catch {
    // Broken off with its process, whose own error says why.
  }
  return { text: Buffer.concat(chunks).toString('utf8'), overrun: size > limit };
}

function report(diagnostics: string, call: PluginCall, logger: Logger): void {
  for (const line of diagnostics.split('\n')) {
    if (line.trim() !== '') logger.info({ plugin: call.command, line }, 'credentials plugin says');
  }
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return 'is not installed, or not on PATH';
  if (cause instanceof Error && 'code' in cause && cause.code === 'EACCES') return 'may not be run';
  return cause instanceof Error ? cause.message : String(cause);
}
