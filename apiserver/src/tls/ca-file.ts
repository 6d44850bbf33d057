import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@quarterdeck/machinery';
import { decodePem } from './pem.ts';

export interface CaFileOptions {
  /** PEM: one certificate of a CA, or several. */
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the file is read. Default 10 s. */
  readonly intervalMs?: number;
}

/** A bundle of CAs that the operator may replace while the server runs. */
export interface CaFile extends Disposable {
  /** PEM. */
  readonly current: string;
}

/**
 * Reads a file of CAs, and again every few seconds. What is not usable is not taken; what was there before stays. KA-120b
 * @throws Error at the start, when it cannot be read or holds anything but certificates
 */
export async function watchCaFile({ file, clock, logger, intervalMs = 10_000 }: CaFileOptions): Promise<CaFile> {
  let current = await readBundle(file);
  let complaint = '';
  let isDisposed = false;

  async function check(): Promise<void> {
    try {
      const found = await readBundle(file);
      if (found !== current) logger.info({ file }, 'CA file reloaded');
      current = found;
      complaint = '';
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== complaint) logger.warn({ file, err: error }, 'changed CA file is not usable');
      complaint = text;
    }
    if (!isDisposed) timer = clock.after(intervalMs, () => void check());
  }

  let timer = clock.after(intervalMs, () => void check());
  return {
    get current() {
      return current;
    },
    [Symbol.dispose]() {
      isDisposed = true;
      timer.cancel();
    },
  };
}

async function readBundle(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`the CA file ${file} cannot be read (${cause.code})`, { cause });
  });
  const found = decodePem(text, 'CERTIFICATE');
  try {
    if (found.map((der) => new X509Certificate(der)).length > 0) return text;
  } catch (cause) {
    throw new Error(`the CA file ${file} holds what is no certificate`, { cause });
  }
  throw new Error(`the CA file ${file} holds no certificate in PEM`);
}
