import { apiVersionOf, type GroupVersionKind, isNotFound, parseApiVersion, type ResourceType } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Which resource a kind is on the member, learnt on demand and kept. */
export interface Discovery {
  /** Undefined: the member does not serve the kind (as of a moment ago). @throws ApiError when the member cannot say. */
  resourceOf(gvk: GroupVersionKind, signal?: AbortSignal): Promise<ResourceType | undefined>;
  /** Every namespaced resource that can be listed, at its group's preferred version. */
  namespaced(signal?: AbortSignal): Promise<ResourceType[]>;
}

export interface DiscoveryOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  /** How long an answer that lacks a kind is believed, ms. Default 5,000: kinds that appear later are found soon. DL-1 */
  readonly staleAfterMs?: number;
}

export function createDiscovery({ memberClient, clock, staleAfterMs = 5_000 }: DiscoveryOptions): Discovery {
  const known = new Map<string, { at: number; resources: Promise<readonly ApiResource[]> }>();

  const fetchVersion = async (apiVersion: string, signal?: AbortSignal): Promise<readonly ApiResource[]> => {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      const list = (await memberClient.getRaw(path, signal === undefined ? {} : { signal })) as {
        resources?: ApiResource[];
      };
      return (list.resources ?? []).filter(({ name }) => !name.includes('/'));
    } catch (error) {
      if (isNotFound(error)) return []; // the group version is not served
      throw error;
    }
  };
  const resourcesOf = (apiVersion: string, kind: string | undefined, signal?: AbortSignal) => {
    const cached = known.get(apiVersion);
    const now = clock.now();
    const refresh = () => {
      const resources = fetchVersion(apiVersion, signal);
      known.set(apiVersion, { at: now, resources });
      resources.catch(() => known.delete(apiVersion)); // a failure is no knowledge
      return resources;
    };
    if (cached === undefined) return refresh();
    return cached.resources.then((resources) =>
      (kind !== undefined && resources.some((each) => each.kind === kind)) || now - cached.at < staleAfterMs
        ? resources
        : refresh(),
    );
  };

  return {
    async resourceOf(gvk, signal) {
      const resources = await resourcesOf(apiVersionOf(gvk), gvk.kind, signal);
      const found = resources.find(({ kind }) => kind === gvk.kind);
      return found === undefined ? undefined : typeOf(gvk, found);
    },
    async namespaced(signal) {
      const groups = (await memberClient.getRaw('/apis', signal === undefined ? {} : { signal })) as {
        groups?: { preferredVersion?: { groupVersion?: string } }[];
      };
      const versions = [
        'v1',
        ...(groups.groups ?? []).flatMap(({ preferredVersion }) => preferredVersion?.groupVersion ?? []),
      ];
      const lists = await Promise.all(
        versions.map(async (version) => {
          const parsed = parseApiVersion(version);
          const resources = await resourcesOf(version, undefined, signal);
          return parsed === undefined
            ? []
            : resources
                .filter(({ namespaced, verbs }) => namespaced && verbs.includes('list'))
                .map((resource) => typeOf(parsed, resource));
        }),
      );
      return lists.flat();
    },
  };
}

function typeOf(
  { group, version }: { group: string; version: string },
  { name, kind, namespaced }: ApiResource,
): ResourceType {
  return { group, version, kind, plural: name, scope: namespaced ? 'Namespaced' : 'Cluster' };
}
