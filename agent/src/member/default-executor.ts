import { ApiError, agentExecutorName, ServiceAccount, systemNamespace } from '@quarterdeck/apis';
import type { Client, Logger } from '@quarterdeck/machinery';

export interface DefaultExecutorOptions {
  readonly memberClient: Client;
  readonly clientAs: ((userName: string) => Client) | undefined;
  /** `namespace/name`; `none`: the agent's own identity; undefined: the one that the install made, where it did. */
  readonly executor: string | undefined;
  readonly logger: Logger;
}

/**
 * The client with which Works without an executor of their own are executed: as the service account that the install makes
 * for that, or as the one that is configured. Only where neither is there, as on a cluster of a test, the agent's own. DL-30
 * @throws ApiError when the member cannot say; Error when the agent cannot act as the one that is configured
 */
export async function defaultExecutor(options: DefaultExecutorOptions, signal: AbortSignal): Promise<Client> {
  const { memberClient, clientAs, executor, logger } = options;
  const own = () => {
    logger.info({}, 'Works are executed with the rights of the agent itself');
    return memberClient;
  };
  if (executor === 'none') return own();
  if (clientAs === undefined) {
    if (executor !== undefined) throw new Error(`this agent has no credentials to act as ${executor}`);
    return own();
  }
  const installed = `${systemNamespace}/${agentExecutorName}`;
  if (executor === undefined && !(await isInstalled(memberClient, signal))) return own();
  const [namespace, name] = (executor ?? installed).split('/');
  logger.info({ executor: executor ?? installed }, 'Works are executed as a service account');
  return clientAs(`system:serviceaccount:${namespace}:${name}`);
}

async function isInstalled(memberClient: Client, signal: AbortSignal): Promise<boolean> {
  try {
    await memberClient.get(ServiceAccount, { namespace: systemNamespace, name: agentExecutorName }, { signal });
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.code === 404 || error.code === 403)) return false;
    throw error;
  }
}
