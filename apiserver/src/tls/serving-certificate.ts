import { X509Certificate } from 'node:crypto';
import type { Clock, Logger, Timer } from '@quarterdeck/machinery';
import type { KeyPairPem } from './authority.ts';
import type { Pki } from './pki.ts';

/** Where a TLS listener gets its certificate from, now and whenever it changes. KA-144 */
export interface CertificateSource extends Disposable {
  readonly current: KeyPairPem;
  /** Calls back after each change, until disposed. */
  onChange(listener: (pair: KeyPairPem) => void): Disposable;
}

export interface IssuedCertificateOptions {
  readonly pki: Pki;
  /** DNS names and addresses that clients reach the server by. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 90 days. */
  readonly lifetimeMs?: number;
  /** Told when the CA changed: a certificate of the new one is issued at once. RG-9 */
  readonly onCaChange?: (listener: () => void) => Disposable;
}

/** Timers of this length never overflow, whatever the certificate's lifetime. */
const longestWaitMs = 86_400_000;
const retryMs = 60_000;

/** A certificate of the server's own CA: issued now, and again when two thirds of its life are over. */
export async function createIssuedCertificate(options: IssuedCertificateOptions): Promise<CertificateSource> {
  const { pki, names, clock, logger, lifetimeMs } = options;
  const issue = () => pki.issueServing({ names, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) });
  const source = createSource(await issue());
  let timer: Timer | undefined;
  let isDisposed = false;
  /** Of a CA that signs no more. */
  let isOutdated = false;

  function schedule(waitMs: number): void {
    if (isDisposed) return;
    timer = clock.after(Math.min(waitMs, longestWaitMs), () => void renewIfDue());
  }

  async function renewIfDue(): Promise<void> {
    try {
      const waitMs = renewalTime(source.current.certificate) - clock.now();
      if (waitMs > 0 && !isOutdated) return schedule(waitMs);
      isOutdated = false;
      source.set(await issue());
      logger.info({ names }, 'serving certificate renewed');
      // A CA that is about to end issues ever shorter certificates: do not renew in a tight loop.
      schedule(Math.max(retryMs, renewalTime(source.current.certificate) - clock.now()));
    } catch (error) {
      logger.error({ err: error }, 'serving certificate cannot be renewed');
      schedule(retryMs);
    }
  }

  schedule(renewalTime(source.current.certificate) - clock.now());
  const following = options.onCaChange?.(() => {
    isOutdated = true;
    timer?.cancel();
    void renewIfDue();
  });
  return {
    get current() {
      return source.current;
    },
    onChange: source.onChange,
    [Symbol.dispose]() {
      isDisposed = true;
      following?.[Symbol.dispose]();
      timer?.cancel();
    },
  };
}

/** When two thirds of a certificate's life are over, epoch ms. */
export function renewalTime(pem: string): number {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3;
}

/** The current pair and who wants to hear of the next. */
export function createSource(first: KeyPairPem) {
  let current = first;
  const listeners = new Set<(pair: KeyPairPem) => void>();
  return {
    get current() {
      return current;
    },
    set(pair: KeyPairPem): void {
      current = pair;
      for (const listener of listeners) listener(pair);
    },
    onChange(listener: (pair: KeyPairPem) => void): Disposable {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
