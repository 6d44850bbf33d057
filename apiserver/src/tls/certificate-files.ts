import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Logger, Timer } from '@quarterdeck/machinery';
import type { KeyPairPem } from './authority.ts';
import { type CertificateSource, createSource } from './serving-certificate.ts';

export interface CertificateFilesOptions {
  /** PEM: the certificate, then the intermediates. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the files are read. Default 10 s. */
  readonly intervalMs?: number;
}

/**
 * The operator's own certificate, taken over within seconds of a change. Files are read again rather than watched:
 * that works on every mount, symbolic links that are swapped included. A pair that does not fit together (half
 * written, say) is not taken; the one before stays. KA-144
 *
 * @throws Error at the start, when the files cannot be read or do not fit together
 */
export async function watchCertificateFiles(options: CertificateFilesOptions): Promise<CertificateSource> {
  const { certificateFile, keyFile, clock, logger, intervalMs = 10_000 } = options;
  const source = createSource(await readPair(certificateFile, keyFile));
  let timer: Timer | undefined;
  let isDisposed = false;
  let complaint = '';

  async function check(): Promise<void> {
    try {
      const pair = await readPair(certificateFile, keyFile);
      complaint = '';
      if (!isDisposed && (pair.certificate !== source.current.certificate || pair.key !== source.current.key)) {
        source.set(pair);
        logger.info({ certificateFile }, 'serving certificate reloaded');
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== complaint) logger.warn({ certificateFile, err: error }, 'changed serving certificate is not usable');
      complaint = text;
    }
    schedule();
  }

  function schedule(): void {
    if (!isDisposed) timer = clock.after(intervalMs, () => void check());
  }

  schedule();
  return {
    get current() {
      return source.current;
    },
    onChange: source.onChange,
    [Symbol.dispose]() {
      isDisposed = true;
      timer?.cancel();
    },
  };
}

async function readPair(certificateFile: string, keyFile: string): Promise<KeyPairPem> {
  const [certificate, key] = await Promise.all([read('certificate', certificateFile), read('key', keyFile)]);
  let isPair: boolean;
  try {
    isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new Error(`certificate file ${certificateFile} or key file ${keyFile} is not PEM`, { cause });
  }
  if (!isPair) throw new Error(`the key in ${keyFile} does not belong to the certificate in ${certificateFile}`);
  return { certificate, key };
}

async function read(what: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Error(`${what} file ${file} cannot be read`, { cause });
  }
}
