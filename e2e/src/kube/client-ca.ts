import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ClientCa {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A CA for client certificates in `dir`, made once with openssl; the cluster signs approved CSRs with it. */
export const ensureClientCa = (dir: string): Promise<ClientCa> => ensureCa(dir, 'client-ca');

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function ensureCa(dir: string, name: string): Promise<ClientCa> {
  const ca = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
  if (await exists(ca.certFile)) return ca;
  const subject = ['-subj', `/CN=kube-${name}`, '-keyout', ca.keyFile, '-out', ca.certFile];
  await run('openssl', ['req', '-x509', ...newKey, '-days', '30', ...subject]);
  return ca;
}

/** What an API server shows itself by, and the CA that it is known by. */
export interface ServingCertificate extends ClientCa {
  readonly caFile: string;
}

const names = ['DNS:localhost', 'DNS:kubernetes.default.svc', 'IP:127.0.0.1', 'IP:10.0.0.1'];

/** One in `dir`, made once: as with kubeadm, the file holds the certificate alone, so that no client is shown the CA. */
export async function ensureServingCertificate(dir: string): Promise<ServingCertificate> {
  const ca = await ensureCa(dir, 'serving-ca');
  const serving = { certFile: join(dir, 'serving.crt'), keyFile: join(dir, 'serving.key'), caFile: ca.certFile };
  if (await exists(serving.certFile)) return serving;
  const [request, extensions] = [join(dir, 'serving.csr'), join(dir, 'serving.ext')];
  await writeFile(extensions, `subjectAltName=${names.join(',')}\n`);
  await run('openssl', ['req', ...newKey, '-subj', '/CN=kube-apiserver', '-keyout', serving.keyFile, '-out', request]);
  await run('openssl', [
    ...['x509', '-req', '-in', request, '-CA', ca.certFile, '-CAkey', ca.keyFile, '-CAcreateserial', '-days', '30'],
    ...['-extfile', extensions, '-out', serving.certFile],
  ]);
  return serving;
}
