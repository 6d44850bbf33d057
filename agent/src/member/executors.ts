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
}

export interface ExecutorsOptions {
  readonly defaultClient: Client;
  /** A client that acts as this user; undefined: the agent has no credentials that could. */
  readonly clientAs: ((userName: string) => Client) | undefined;
  readonly view: (client: Client) => Pick<Executor, 'watchers' | 'discovery'>;
}

/** Executors as they are asked for; each has its own watches, since what one may see is not another's to know. DL-20 */
export function createExecutors({ defaultClient, clientAs, view }: ExecutorsOptions): Executors {
  const byName = new Map<string, Executor>();
  const make = (client: Client): Executor => ({ client, ...view(client) });
  const standard = make(defaultClient);
  return {
    get(serviceAccount) {
      if (serviceAccount === undefined) return standard;
      if (clientAs === undefined) return undefined;
      const known = byName.get(serviceAccount);
      if (known !== undefined) return known;
      const [namespace, name] = serviceAccount.split('/');
      const executor = make(clientAs(`system:serviceaccount:${namespace}:${name}`));
      byName.set(serviceAccount, executor);
      return executor;
    },
  };
}
