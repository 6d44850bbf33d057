import {
  ignoreNotFound,
  type KubeObject,
  type ResourceType,
  Secret,
  ServiceAccount,
  type Stored,
} from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { getStoredObject } from '../../../authz/stored-object.ts';
import type { Entry } from '../../../cache/store.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { followResource } from '../../follow-resource.ts';
import { createStoreWorker } from '../../store-worker.ts';
import { accountNameAnnotation, decide, tokenSecretType } from './decide.ts';

export interface AccountTokensOptions extends ControllerContext {
  /** Acts as `tokens-controller`. */
  readonly tokensClient: Client;
}

const isTokenSecret = ({ index }: Entry): boolean => index.fields.type === tokenSecretType;

/**
 * Secrets of the type `kubernetes.io/service-account-token` -> a token of their account, which lasts as long as the Secret;
 * gone with the account. Nothing makes such Secrets by itself. KA-117
 */
export function accountTokens(options: AccountTokensOptions): Background {
  const { tokensClient, store, caBundle, issueToken } = options;
  /** As a client would read it: a stored object does not say its kind. */
  function read<T extends KubeObject>(type: ResourceType<T>, namespace: string, name: string): Stored<T> | undefined {
    const object = getStoredObject(store, { resource: type.plural, namespace, name });
    if (object === undefined) return undefined;
    return { ...object, apiVersion: 'v1', kind: type.kind } as unknown as Stored<T>;
  }

  async function reconcile(key: string, signal: AbortSignal): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const secret = read(Secret, namespace, name);
    if (secret === undefined) return;
    const accountName = secret.metadata.annotations?.[accountNameAnnotation] ?? '';
    const account = read(ServiceAccount, namespace, accountName);
    const decision = decide({ secret, account, caBundle: caBundle() });
    const { uid, resourceVersion } = secret.metadata;
    switch (decision.type) {
      case 'nothing':
        return;
      case 'delete': {
        const preconditions = { uid, resourceVersion };
        await ignoreNotFound(tokensClient.delete(Secret, { namespace, name }, { preconditions, signal }));
        return;
      }
      case 'fill': {
        const data = { ...decision.secret.data };
        if (decision.needsToken && account !== undefined) {
          const { token } = await issueToken({
            namespace,
            name: accountName,
            uid: account.metadata.uid,
            audiences: [],
            lifetimeSeconds: undefined,
            secret: { name, uid },
          });
          data.token = Buffer.from(token, 'utf8').toString('base64');
        }
        const next = { ...decision.secret, data };
        await ignoreNotFound(tokensClient.update(Secret, next, { fieldManager, signal }));
        return;
      }
      default:
        decision satisfies never;
    }
  }

  return createStoreWorker({
    ...options,
    name: 'serviceaccount.tokens',
    reconcile,
    follow: async (add, signal) => {
      const addKey = ({ key }: Entry) => add(`${key.namespace}/${key.name}`);
      const addOfAccount = ({ key: { namespace } }: Entry) => {
        const { entries } = store.list({ resource: 'secrets', namespace, matches: isTokenSecret });
        entries.forEach(addKey);
      };
      using _following = options.onCaChange?.(() => {
        store.list({ resource: 'secrets', matches: isTokenSecret }).entries.forEach(addKey);
      });
      await Promise.all([
        followResource(
          {
            ...options,
            resource: 'secrets',
            onLoaded: (entries) => entries.filter(isTokenSecret).forEach(addKey),
            onEvent: ({ type, entry }) => {
              if (type === 'put' && isTokenSecret(entry)) addKey(entry);
            },
          },
          signal,
        ),
        followResource(
          {
            ...options,
            resource: 'serviceaccounts',
            // The Secrets are loaded too, and each looks at its account.
            onLoaded: () => {},
            onEvent: ({ entry, previous, type }) => {
              if (type === 'delete' || previous === undefined) addOfAccount(entry);
            },
          },
          signal,
        ),
      ]);
    },
  });
}
