import { annotation, formatTime, ignoreNotFound, MemberCluster } from '@quarterdeck/apis';
import type { Client, Clock, Logger } from '@quarterdeck/machinery';

export interface StampOptions {
  /** An administrator of the hub's API, in this process. */
  readonly adminClient: Client;
  /** Which history the hub's data is of. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells every member which history the hub's data is of. To be done before the hub serves: an agent that finds a restored hub must
 * not take what stands there for the newest. A hub that was not restored writes nothing. RG-10, F-27
 */
export async function stampEpoch(
  { adminClient, epoch, clock, logger }: StampOptions,
  signal: AbortSignal,
): Promise<void> {
  // A hub that starts for the first time has no such kind yet.
  const list = await ignoreNotFound(adminClient.list(MemberCluster, { signal }));
  const known = (text: string | undefined) => text?.split(' ')[0] ?? epoch;
  const others = (list?.items ?? []).filter(
    ({ metadata }) => known(metadata.annotations?.[annotation.hubEpoch]) !== epoch,
  );
  if (others.length === 0) return;
  const body = { metadata: { annotations: { [annotation.hubEpoch]: `${epoch} ${formatTime(clock.now())}` } } };
  for (const { metadata } of others)
    await adminClient.patch(MemberCluster, { name: metadata.name }, { type: 'merge', body }, { signal });
  logger.warn(
    { members: others.length },
    'the data of this hub is of another history than its members know: they prune and follow nothing older before: quarterdeck hub confirm-restore',
  );
}
