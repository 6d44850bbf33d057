import type { loadKubeconfig } from '@quarterdeck/machinery';
import type { Target } from '../load/closed-loop.ts';

/** Where a kubeconfig leads, and the certificate in it. PEM; empty texts for what it does not have. */
export function targetOf({ baseUrl, tls }: Awaited<ReturnType<typeof loadKubeconfig>>): Target {
  const { ca = [], cert = [], key = [] } = (typeof tls === 'function' ? tls() : tls) ?? {};
  const pem = (parts: typeof ca) => [parts].flat().join('\n');
  return { url: baseUrl, tls: { ca: pem(ca), cert: pem(cert), key: pem(key) } };
}
