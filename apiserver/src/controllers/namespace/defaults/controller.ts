import { ConfigMap, isAlreadyExists, isForbidden, isNotFound, type Namespace, ServiceAccount } from '@quarterdeck/apis';
import {
  type Client,
  type Controller,
  createController,
  type Informer,
  Result,
  watching,
} from '@quarterdeck/machinery';
import { type ControllerContext, fieldManager } from '../../context.ts';
import { decide, defaultAccountName, rootCaName } from './decide.ts';

export interface NamespaceDefaultsOptions extends ControllerContext {
  /** Acts as `namespace-defaults-controller`. */
  readonly defaultsClient: Client;
  readonly namespaces: Informer<Namespace>;
  /** Service accounts named `default`. */
  readonly defaultAccounts: Informer<ServiceAccount>;
  /** ConfigMaps named `kube-root-ca.crt`. */
  readonly rootCas: Informer<ConfigMap>;
}

/** Namespaces -> their default service account and the CA to trust. KA-112 */
export function namespaceDefaults(options: NamespaceDefaultsOptions): Controller {
  const { defaultsClient, namespaces, defaultAccounts, rootCas, caBundle } = options;
  const toNamespace = ({ metadata }: { metadata: { namespace?: string } }) =>
    metadata.namespace === undefined ? [] : [metadata.namespace];
  const controller = createController({
    ...options,
    name: 'namespace.defaults',
    primary: namespaces,
    watches: [watching(defaultAccounts, toNamespace), watching(rootCas, toNamespace)],
    reconciler: {
      async reconcile(name, { signal }) {
        const namespace = namespaces.get(name);
        if (namespace === undefined) return Result.done;
        const account = defaultAccounts.get(`${name}/${defaultAccountName}`);
        const rootCa = rootCas.get(`${name}/${rootCaName}`);
        const { createAccount, createRootCa, updateRootCa } = decide({ namespace, account, rootCa }, caBundle());
        const call = { fieldManager, signal };
        if (createAccount !== undefined) await ignoreLate(defaultsClient.create(ServiceAccount, createAccount, call));
        if (createRootCa !== undefined) await ignoreLate(defaultsClient.create(ConfigMap, createRootCa, call));
        if (updateRootCa !== undefined) await ignoreLate(defaultsClient.update(ConfigMap, updateRootCa, call));
        return Result.done;
      },
    },
  });
  return {
    ...controller,
    start(signal) {
      const following = options.onCaChange?.(() => {
        for (const { metadata } of namespaces.list()) controller.enqueue(metadata.name);
      });
      signal.addEventListener('abort', () => following?.[Symbol.dispose](), { once: true });
      controller.start(signal);
    },
  };
}

/** It is there already, or the namespace is on its way out: nothing to do, and nothing to try again. */
async function ignoreLate(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error) && !isTerminating(error)) throw error;
  }
}

/** A missing right is a 403 too, and must not be passed over. KA-110 */
function isTerminating(error: unknown): boolean {
  if (!isForbidden(error)) return false;
  const { status } = error as { status: { details?: { causes?: { reason?: string }[] } } };
  return status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
