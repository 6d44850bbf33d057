import { ConfigMap, ignoreNotFound } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { publishedFrontProxy } from '../../../authn/front-proxy.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { createStoreWorker } from '../../store-worker.ts';

export interface ClientAuthorityOptions extends ControllerContext {
  /** Acts as `client-authority-controller`. */
  readonly authorityClient: Client;
}

const ref = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
/** Nobody has a reason to change it: it is looked at now and then rather than watched. */
const lookAgainMs = 60_000;

/**
 * Publishes the CAs that vouch for clients, and whom to believe what it says of a user, for programs of one's own that let the
 * same clients in. What somebody else wrote beside it stays. KA-144d, KA-120b
 */
export function clientAuthority(options: ClientAuthorityOptions): Background {
  const { authorityClient, caBundle, frontProxy, clock } = options;
  const wanted = (): Readonly<Record<string, string>> => ({
    'client-ca-file': caBundle(),
    ...(frontProxy === undefined ? {} : publishedFrontProxy(frontProxy)),
  });
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
      const ours = Object.entries(wanted());
      if (ours.every(([key, value]) => found?.data?.[key] === value)) return;
      const data = { ...found?.data, ...Object.fromEntries(ours) };
      const call = { fieldManager, signal };
      if (found === undefined) {
        await authorityClient.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref, data }, call);
      } else {
        await authorityClient.update(ConfigMap, { ...found, data }, call);
      }
    },
  });
}
