import { ConfigError } from '@quarterdeck/machinery';

/** A person or the system asked the program to end: no failure, but not done either. */
class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}

/** What shells expect of a program that an interrupt ended before it was done. */
const interruptedCode = 130;

/** Ends the process with what is wrong, one line a problem and no stack trace: errors here are for people. */
export function fail(error: unknown): never {
  if (error instanceof Interrupted) process.exit(interruptedCode);
  const lines = error instanceof ConfigError ? error.problems : [messageOf(error)];
  for (const line of lines) process.stderr.write(`quarterdeck: ${line}\n`);
  process.exit(1);
}

/** An error of the file system that needs no more words than the path and these. */
function fileTrouble(error: Error): { readonly path: string; readonly text: string } | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  const text = fileTroubles[code ?? ''];
  return path === undefined || text === undefined ? undefined : { path, text };
}

const fileTroubles: Readonly<Record<string, string>> = {
  ENOENT: 'is not there, or the directory that it is in',
  EACCES: 'is closed to this user',
  EPERM: 'is closed to this user',
  EISDIR: 'is a directory, not a file',
  ENOTDIR: 'has a file in its path where a directory must be',
  EEXIST: 'is a file where a directory must be',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a full disk',
};

/** The message with those of its causes that add something. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const trouble = fileTrouble(error);
  if (trouble !== undefined) return `${trouble.path} ${trouble.text}`;
  if (!(error.cause instanceof Error)) return error.message;
  const cause = messageOf(error.cause);
  const isTold = [cause, fileTrouble(error.cause)?.path].some(
    (text) => text !== undefined && error.message.includes(text),
  );
  return isTold ? error.message : `${error.message}: ${cause}`;
}

/** Aligned columns, the first row being the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

/** A terminal, npx and pnpm may each pass one Ctrl-C on: what comes so soon is no second thought. */
const echoMs = 1_000;

/** Resolves at the first SIGINT or SIGTERM; one that comes later ends the process at once. */
export function untilInterrupted(): { readonly signal: AbortSignal; readonly interrupted: Promise<void> } {
  const controller = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    let first: number | undefined;
    const onSignal = () => {
      const now = performance.now();
      if (first !== undefined && now - first > echoMs) process.exit(interruptedCode);
      first ??= now;
      controller.abort(new Interrupted());
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
  return { signal: controller.signal, interrupted };
}
