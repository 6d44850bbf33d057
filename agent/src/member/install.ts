import {
  type CustomResourceDefinition,
  CustomResourceDefinition as CustomResourceDefinitionKind,
  crdOf,
  ignoreNotFound,
  isAlreadyExists,
  isForbidden,
  type KindDefinition,
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
export async function installMemberKinds(options: InstallOptions, signal: AbortSignal): Promise<void> {
  const { memberClient, clock } = options;
  const read = ({ metadata: { name = '' } }: CustomResourceDefinition) =>
    ignoreNotFound(memberClient.get(CustomResourceDefinitionKind, { name }, { signal }));
  const awaited: CustomResourceDefinition[] = [];
  for (const crd of memberKinds.map(madeOnce)) {
    const found = await read(crd);
    if (found === undefined) await create(options, crd, signal);
    if (!isEstablished(found)) awaited.push(crd);
  }
  for (const crd of awaited) {
    do {
      await clock.sleep(establishingMs, signal); // first: a kind that was made just now is served by nobody
    } while (!isEstablished(await read(crd)));
  }
}

/** Until a new kind is looked at. All of them are made first, so that the wait for one is that for the others. */
const establishingMs = 100;

const made = new WeakMap<KindDefinition, CustomResourceDefinition>();

/** A process may hold the agents of a thousand members, which all install the same. */
function madeOnce(kind: KindDefinition): CustomResourceDefinition {
  const crd = made.get(kind) ?? crdOf(kind);
  made.set(kind, crd);
  return crd;
}

async function create(
  { memberClient, logger }: InstallOptions,
  crd: CustomResourceDefinition,
  signal: AbortSignal,
): Promise<void> {
  const { name } = crd.metadata;
  try {
    await memberClient.create(CustomResourceDefinitionKind, crd, { signal });
    logger.info({ crd: name }, 'installed a kind on the member');
  } catch (error) {
    if (isForbidden(error))
      throw new Error(`the agent may not install ${name} on its cluster; install it from crds/`, { cause: error });
    if (!isAlreadyExists(error)) throw error;
  }
}

function isEstablished(crd: Stored<CustomResourceDefinition> | undefined): boolean {
  return crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
}
