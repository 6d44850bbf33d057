import { request } from 'node:https';
import type { Send } from '@quarterdeck/apis/testing';
import { loadKubeconfig } from '@quarterdeck/machinery';

/** Acts as this user, by impersonation. */
export interface ActAs {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Raw requests to any API server, with the credentials of a kubeconfig. @param as absent: as the kubeconfig's own user */
export async function sender(kubeconfig: string, as?: ActAs): Promise<Send> {
  const { baseUrl, tls, token } = await loadKubeconfig({ path: kubeconfig });
  if (typeof tls === 'function' || typeof token === 'function')
    throw new Error(`${kubeconfig} has changing credentials`);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(as === undefined ? {} : { 'impersonate-user': as.name }),
    ...(as === undefined || as.groups.length === 0 ? {} : { 'impersonate-group': [...as.groups] }),
  };
  const trust = tls?.ca === undefined ? {} : { ca: [tls.ca].flat() };
  const identity = tls?.cert === undefined || tls.key === undefined ? {} : { cert: tls.cert, key: tls.key };
  return ({ method, path, body }) =>
    new Promise((resolve, reject) => {
      const call = request(`${baseUrl}${path}`, { method, headers, ...trust, ...identity }, async (response) => {
        try {
          const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
          resolve({ code: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        } catch (cause) {
          reject(new Error(`${method} ${path} was not answered in JSON`, { cause }));
        }
      });
      call.once('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
