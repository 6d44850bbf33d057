import { ConfigMap, ignoreNotFound } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { createStoreWorker } from '../../store-worker.ts';

export interface ClientAuthorityOptions extends ControllerContext {
  /** Acts as `client-authority-controller`. */
  readonly authorityClient: Client;
}

const ref = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
const dataKey = 'client-ca-file';
/** Nobody has a reason to change it: it is looked at now and then rather than watched. */
const lookAgainMs = 60_000;

/**
 * Publishes the CAs that vouch for clients, for programs of one's own that let the same clients in. Headers of front proxies
 * are believed from nobody, so nothing is said of them. KA-144d
 */
export function clientAuthority(options: ClientAuthorityOptions): Background {
  const { authorityClient, caBundle, clock } = options;
  return createStoreWorker({
    ...options,
    name: 'configmap.client-authority',
    async follow(add, signal) {
      while (!signal.aborted) {
        add(ref.name);
        await clock.sleep(lookAgainMs, signal).catch(() => undefined);
      }
    },
    async reconcile(_key, signal) {
      const found = await ignoreNotFound(authorityClient.get(ConfigMap, ref, { signal }));
      const bundle = caBundle();
      if (found?.data?.[dataKey] === bundle) return;
      const data = { ...found?.data, [dataKey]: bundle };
      const call = { fieldManager, signal };
      if (found === undefined) {
        await authorityClient.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data }, call);
      } else {
        await authorityClient.update(ConfigMap, { ...found, data }, call);
      }
    },
  });
}
