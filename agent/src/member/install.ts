import {
  type CustomResourceDefinition,
  CustomResourceDefinition as CustomResourceDefinitionKind,
  crdOf,
  ignoreNotFound,
  isAlreadyExists,
  isForbidden,
  memberKinds,
  type Stored,
} from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';

export interface InstallOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Installs the kinds that the agent keeps on its cluster (AppliedWork, ClusterProperty) where they are missing, and waits
 * until they are served. A definition that is there already, whoever made it, is left as it is. AB-31
 * @throws Error naming the kind when it is missing and may not be created
 */
export async function installMemberKinds(
  { memberClient, clock, logger }: InstallOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const kind of memberKinds) {
    const crd = crdOf(kind);
    const name = crd.metadata.name ?? '';
    const read = () => ignoreNotFound(memberClient.get(CustomResourceDefinitionKind, { name }, { signal }));
    if ((await read()) === undefined) {
      try {
        await memberClient.create(CustomResourceDefinitionKind, crd, { signal });
        logger.info({ crd: name }, 'installed a kind on the member');
      } catch (error) {
        if (isForbidden(error))
          throw new Error(`the agent may not install ${name} on its cluster; install it from crds/`, { cause: error });
        if (!isAlreadyExists(error)) throw error;
      }
    }
    while (!isEstablished(await read())) await clock.sleep(100, signal);
  }
}

function isEstablished(crd: Stored<CustomResourceDefinition> | undefined): boolean {
  return crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
}
