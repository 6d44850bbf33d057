import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  apiVersionOf,
  CertificateSigningRequest,
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  Work,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { until } from './until.ts';

const run = promisify(execFile);

/** Who the load comes from: no administrator, so that RBAC is really asked. */
const userName = 'bench';

export interface UserCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Namespaces to work in, and the right to work in them by a binding in each hub or cluster. */
export async function admitUser(admin: Client, namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) {
    await admin.create(Namespace, { apiVersion: apiVersionOf(Namespace), kind: Namespace.kind, metadata: { name } });
  }
  const metadata = { name: 'bench-works' };
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  await admin.create(ClusterRole, {
    apiVersion: apiVersionOf(ClusterRole),
    kind: ClusterRole.kind,
    metadata,
    rules: [
      { apiGroups: [Work.group], resources: [Work.plural], verbs },
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ],
  });
  await admin.create(ClusterRoleBinding, {
    apiVersion: apiVersionOf(ClusterRoleBinding),
    kind: ClusterRoleBinding.kind,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: userName }],
  });
}

/** A certificate from a server that signs requests, by the API for them. */
export async function certificateFromApi(admin: Client, dir: string): Promise<UserCertificate> {
  const { keyFile, requestFile } = await makeRequest(dir, 'api');
  const pem = await readFile(requestFile);
  const created = await admin.create(CertificateSigningRequest, {
    apiVersion: apiVersionOf(CertificateSigningRequest),
    kind: CertificateSigningRequest.kind,
    metadata: { name: 'bench' },
    spec: {
      request: pem.toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth', 'digital signature'],
    },
  });
  const conditions = [{ type: 'Approved' as const, status: 'True' as const, reason: 'Bench', message: 'for the load' }];
  await admin.update(CertificateSigningRequest, { ...created, status: { conditions } }, { subresource: 'approval' });
  const cert = await until('the certificate to be signed', async () => {
    const { status } = await admin.get(CertificateSigningRequest, { name: 'bench' });
    return status?.certificate;
  });
  return { cert: Buffer.from(cert, 'base64').toString('utf8'), key: await readFile(keyFile, 'utf8') };
}

/** A certificate from a CA whose key we have. */
export async function certificateFromCa(
  ca: { readonly certFile: string; readonly keyFile: string },
  dir: string,
): Promise<UserCertificate> {
  const { keyFile, requestFile } = await makeRequest(dir, 'ca');
  const { stdout } = await run('openssl', [
    ...['x509', '-req', '-in', requestFile, '-CA', ca.certFile, '-CAkey', ca.keyFile, '-CAcreateserial', '-days', '2'],
  ]);
  return { cert: stdout, key: await readFile(keyFile, 'utf8') };
}

async function makeRequest(dir: string, name: string): Promise<{ keyFile: string; requestFile: string }> {
  const files = { keyFile: join(dir, `${name}.key`), requestFile: join(dir, `${name}.csr`) };
  await run('openssl', [
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', `/CN=${userName}`, '-keyout', files.keyFile, '-out', files.requestFile],
  ]);
  return files;
}
