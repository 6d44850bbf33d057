import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ClientCa {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A CA for client certificates in `dir`, made once with openssl; the cluster signs approved CSRs with it. */
export async function ensureClientCa(dir: string): Promise<ClientCa> {
  const ca = { certFile: join(dir, 'client-ca.crt'), keyFile: join(dir, 'client-ca.key') };
  if (
    await access(ca.certFile).then(
      () => true,
      () => false,
    )
  )
    return ca;
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
    ...['-subj', '/CN=kube-client-ca', '-keyout', ca.keyFile, '-out', ca.certFile],
  ]);
  return ca;
}
