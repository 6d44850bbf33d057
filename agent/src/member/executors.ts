import type { ResourceType } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import type { Discovery } from './discovery.ts';
import type { Watchers } from './watchers.ts';

/** An identity that Works are executed as: what it may do, and what it may see. DL-30 */
export interface Executor {
  /** Makes every call with the executor's rights: reads, trials, writes and deletions alike. SEC-11 */
  readonly client: Client;
  readonly watchers: Watchers;
  readonly discovery: Discovery;
}

export interface Executors {
  /**
   * @param serviceAccount `namespace/name` on the member; undefined: the default executor
   * @returns undefined when this agent cannot act as another than the default
   */
  get(serviceAccount: string | undefined): Executor | undefined;
  /** Ends watches, and forgets executors, that were not needed and not asked for since the last time either. DL-20 */
  endIdle(needs: Needs): Promise<void>;
}

/** What the Works of this member need to see. */
export interface Needs {
  /** Whether there is a Work that is executed as it. */
  isUsed(serviceAccount: string): boolean;
  /** @param namespace '' where one watch serves all */
  isWatched(serviceAccount: string | undefined, type: ResourceType, namespace: string): boolean;
}

export interface ExecutorsOptions {
  readonly defaultClient: Client;
  /**
   * A client that acts as this user, closed (where it can be) when no Work needs it any more; undefined: the agent has no
   * credentials that could.
   */
  readonly clientAs: ((userName: string) => Client) | undefined;
  readonly view: (client: Client) => Pick<Executor, 'watchers' | 'discovery'>;
}

/** Executors as they are asked for; each has its own watches, since what one may see is not another's to know. DL-20 */
export function createExecutors({ defaultClient, clientAs, view }: ExecutorsOptions): Executors {
  const byName = new Map<string, { readonly executor: Executor; isIdle: boolean }>();
  const make = (client: Client): Executor => ({ client, ...view(client) });
  const standard = make(defaultClient);
  return {
    get(serviceAccount) {
      if (serviceAccount === undefined) return standard;
      if (clientAs === undefined) return undefined;
      const known = byName.get(serviceAccount);
      if (known !== undefined) {
        known.isIdle = false;
        return known.executor;
      }
      const [namespace, name] = serviceAccount.split('/');
      const executor = make(clientAs(`system:serviceaccount:${namespace}:${name}`));
      byName.set(serviceAccount, { executor, isIdle: false });
      return executor;
    },
    async endIdle({ isUsed, isWatched }) {
      standard.watchers.endIdle((type, namespace) => isWatched(undefined, type, namespace));
      const ended: Client[] = [];
      for (const [name, known] of byName) {
        const left = known.executor.watchers.endIdle((type, namespace) => isWatched(name, type, namespace));
        const isNeeded = left > 0 || isUsed(name);
        if (!isNeeded && known.isIdle) {
          byName.delete(name);
          ended.push(known.executor.client);
        }
        known.isIdle = !isNeeded;
      }
      for (const client of ended) await (client as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
    },
  };
}
