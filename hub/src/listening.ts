import { once } from 'node:events';
import { createServer } from 'node:net';
import {
  type CertificateSource,
  createIssuedCertificate,
  type LivePki,
  watchCertificateFiles,
} from '@quarterdeck/apiserver';
import type { Clock, Logger } from '@quarterdeck/machinery';

/** Where a hub is found, and how it shows who it is. */
export interface ListeningOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** What to do where that address cannot be had, in the words of the program. Default: to choose another with `--listen`. */
  readonly listenAdvice?: string;
  /** What others call this hub, in kubeconfigs, tokens and join commands. Default: the address it listens on. */
  readonly publicUrl?: string;
  /** Names and addresses of the serving certificate beside localhost and those of `publicUrl` and `listen`. */
  readonly tlsSans?: readonly string[];
  /** Own serving certificate, reloaded when the files change. `caFile`: the CA that it is known by. Default: the root of its chain. */
  readonly certificateFiles?: { readonly certificateFile: string; readonly keyFile: string; readonly caFile?: string };
}

/** Before the database is made: a hub that cannot listen leaves nothing behind. */
export async function checkFree(options: ListeningOptions): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen({ ...options.listen, exclusive: true }), 'listening');
  } catch (cause) {
    throw listenError(options, cause);
  } finally {
    probe.close();
  }
}

/** With what to do about it, where that is known; otherwise the cause itself. */
export function listenError({ listen: { host, port }, listenAdvice }: ListeningOptions, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why = {
    EADDRINUSE: 'is in use by another program',
    EACCES: 'needs more rights',
    EADDRNOTAVAIL: 'is not an address of this machine',
  }[String(code)];
  const advice = listenAdvice ?? 'choose another address with --listen';
  return why === undefined ? cause : new Error(`${host}:${port} ${why}: ${advice}`);
}

/** The operator's certificate, or one of the hub's own CA for all names it may be called by. */
export async function servingCertificate(
  options: ListeningOptions,
  { pki, clock, logger }: { readonly pki: LivePki; readonly clock: Clock; readonly logger: Logger },
): Promise<CertificateSource> {
  const { certificateFiles } = options;
  if (certificateFiles !== undefined) return await watchCertificateFiles({ ...certificateFiles, clock, logger });
  const hosts = [
    options.listen.host,
    ...(options.publicUrl === undefined ? [] : [new URL(options.publicUrl).hostname]),
  ];
  const names = new Set([
    'localhost',
    '127.0.0.1',
    '::1',
    'kubernetes.default.svc',
    ...hosts.filter((host) => host !== '0.0.0.0' && host !== '::'),
    ...(options.tlsSans ?? []),
  ]);
  return await createIssuedCertificate({ pki, names: [...names], clock, logger, onCaChange: pki.onChange });
}
