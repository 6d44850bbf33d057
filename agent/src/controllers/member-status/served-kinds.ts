import type { MemberClusterStatus } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

/** Kinds that the member serves, as `group/version/Kind` (`/v1/Pod` for the core group), and whether that is all of them. */
export type ServedKinds = NonNullable<MemberClusterStatus['apis']>;

const maxKinds = 2_048;

interface GroupList {
  readonly groups?: readonly { readonly versions?: readonly { readonly groupVersion?: string }[] }[];
}
interface ResourceList {
  readonly resources?: readonly { readonly name?: string; readonly kind?: string }[];
}

/**
 * Asks the member which kinds it serves. A group whose server does not answer is missing: `complete` is then false.
 * @throws when the member cannot be asked at all
 */
export async function readServedKinds(memberClient: Client, signal: AbortSignal): Promise<ServedKinds> {
  const read = (path: string) => memberClient.getRaw(path, { signal });
  const { groups = [] } = (await read('/apis')) as GroupList;
  const versions = groups.flatMap((group) => (group.versions ?? []).flatMap(({ groupVersion }) => groupVersion ?? []));
  const kinds = new Set<string>();
  let complete = true;
  for (const version of ['v1', ...versions]) {
    try {
      const { resources = [] } = (await read(version === 'v1' ? '/api/v1' : `/apis/${version}`)) as ResourceList;
      const prefix = version === 'v1' ? '/v1' : version;
      for (const { name = '', kind } of resources) {
        if (kind !== undefined && !name.includes('/')) kinds.add(`${prefix}/${kind}`);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (version === 'v1') throw error;
      complete = false;
    }
  }
  const sorted = [...kinds].sort();
  return { kinds: sorted.slice(0, maxKinds), complete: complete && sorted.length <= maxKinds };
}

/** Partial discovery adds to the last list and never shrinks it. Pure. RG-32 */
export function mergeServedKinds(
  before: ServedKinds | undefined,
  seen: ServedKinds | undefined,
): ServedKinds | undefined {
  if (seen === undefined) return before === undefined ? undefined : { ...before, complete: false };
  if (seen.complete || before === undefined) return seen;
  return { kinds: [...new Set([...before.kinds, ...seen.kinds])].sort().slice(0, maxKinds), complete: false };
}
