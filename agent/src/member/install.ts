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

/** A kind that the agent needs is missing on its cluster, and it may not install it. The message is for the operator. AB-31 */
class KindNotInstalledError extends Error {
  override name = 'KindNotInstalledError';
}

export interface InstallOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Installs the kinds that the agent keeps on its cluster (AppliedWork, ClusterProperty) where they are missing, and waits
 * until they are served. A definition that is there already, whoever made it, is left as it is. AB-31
 * @returns what is there and serves none of the versions that the agent reads; empty: nothing
 * @throws KindNotInstalledError naming the kind when it is missing and may not be created
 */
export async function installMemberKinds(options: InstallOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { memberClient, clock } = options;
  const read = ({ metadata: { name = '' } }: CustomResourceDefinition) =>
    ignoreNotFound(memberClient.get(CustomResourceDefinitionKind, { name }, { signal }));
  const awaited: CustomResourceDefinition[] = [];
  const outdated: string[] = [];
  for (const kind of memberKinds) {
    const crd = madeOnce(kind);
    const found = await read(crd);
    if (found === undefined) await create(options, crd, signal);
    else if (!found.spec.versions.some(({ name, served }) => served && name === kind.version))
      outdated.push(`${found.metadata.name} of its cluster does not serve ${kind.version}, which the agent reads`);
    if (!isEstablished(found)) awaited.push(crd);
  }
  for (const crd of awaited) {
    do {
      await clock.sleep(establishingMs, signal); // first: a kind that was made just now is served by nobody
    } while (!isEstablished(await read(crd)));
  }
  return outdated;
}

/** The kinds of a cluster, for those who need them and those who tell of them. */
export interface MemberKinds {
  /** {@link installMemberKinds}. */
  install(signal: AbortSignal): Promise<void>;
  /** What was missing or too old at the last attempt, and what to do; undefined: nothing. AB-31 */
  readonly problem: string | undefined;
}

export function createMemberKinds(options: InstallOptions): MemberKinds {
  let problem: string | undefined;
  return {
    get problem() {
      return problem;
    },
    async install(signal) {
      try {
        const outdated = await installMemberKinds(options, signal);
        problem = outdated.length === 0 ? undefined : `${outdated.join('; ')}: install it anew from crds/`;
      } catch (error) {
        if (error instanceof KindNotInstalledError)
          problem = `${error.message}: until it is there, no Work is delivered`;
        throw error;
      }
    },
  };
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
      throw new KindNotInstalledError(`the agent may not install ${name} on its cluster; install it from crds/`, {
        cause: error,
      });
    if (!isAlreadyExists(error)) throw error;
  }
}

function isEstablished(crd: Stored<CustomResourceDefinition> | undefined): boolean {
  return crd?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
}
