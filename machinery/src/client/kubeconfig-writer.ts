import type { JsonObject } from '../wire/value.ts';
import { encodeYaml } from '../wire/yaml.ts';

export interface KubeconfigContent {
  /** The server's URL. */
  server: string;
  /** PEM; absent: the system's authorities. */
  caPem?: string;
  tlsServerName?: string;
  /** Proxy on the way to the server. Absent: what the environment of its user says. */
  proxyUrl?: string;
  user: { token: string } | { certPem: string; keyPem: string };
  /** Name of cluster, user and context alike. Default `quarterdeck`. */
  name?: string;
  /** Default namespace of the context. Absent: none. */
  namespace?: string;
}

/** A kubeconfig with one context, everything inline. It holds credentials: write it with mode 0600. SEC-12 */
export function buildKubeconfig(content: KubeconfigContent): string {
  const { name = 'quarterdeck', user } = content;
  const cluster: JsonObject = { server: content.server };
  if (content.caPem !== undefined) cluster['certificate-authority-data'] = base64(content.caPem);
  if (content.tlsServerName !== undefined) cluster['tls-server-name'] = content.tlsServerName;
  if (content.proxyUrl !== undefined) cluster['proxy-url'] = content.proxyUrl;
  const credentials: JsonObject =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate-data': base64(user.certPem), 'client-key-data': base64(user.keyPem) };
  const context: JsonObject = { cluster: name, user: name };
  if (content.namespace !== undefined) context.namespace = content.namespace;
  return encodeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: credentials }],
    contexts: [{ name, context }],
    'current-context': name,
  });
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
