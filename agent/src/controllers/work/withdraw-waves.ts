import { type AppliedResource, annotation } from '@quarterdeck/apis';
import type { EpochMs, Logger } from '@quarterdeck/machinery';
import { mapInLanes } from './lanes.ts';
import { type Recorded, readRecorded } from './recorded.ts';
import { inWithdrawWaves } from './waves.ts';
import { inWithdrawOrder, type WithdrawContext, withdraw } from './withdraw.ts';

export interface Withdrawal {
  /** Journal entries that stay: their objects are going, or wait for later waves to be gone. */
  readonly going: AppliedResource[];
  /** For people: what is going, and what was left in place. */
  readonly messages: string[];
  /** When the first of those that are going was asked to go. */
  readonly since: EpochMs | undefined;
}

/** Objects that are read at once: of a thousand large ones, only so many are in memory as a whole. */
const readAtOnce = 16;

/**
 * Takes recorded objects off the member, the last wave first; a wave is touched when those after it are gone. Which wave an
 * object was applied in stands on itself, since its manifest is gone. DL-1, WK-34
 */
export async function withdrawInWaves(
  context: WithdrawContext,
  entries: readonly AppliedResource[],
  logger: Logger,
): Promise<Withdrawal> {
  const recorded = await mapInLanes(inWithdrawOrder(entries), readAtOnce, async (entry) => {
    const found = await readRecorded(context, entry);
    return { entry, found, wave: waveOf(found) };
  });
  const going: AppliedResource[] = [];
  const messages: string[] = [];
  let since: EpochMs | undefined;
  for (const wave of inWithdrawWaves(recorded)) {
    if (going.length > 0) {
      going.push(
        ...wave.flatMap(({ entry, found }) => (found.live === undefined && found.refused === undefined ? [] : [entry])),
      );
      continue;
    }
    for (const { entry, found } of wave) {
      const remains = await withdraw(context, entry, found);
      if (remains.state === 'gone') continue;
      messages.push(remains.message);
      if (remains.state === 'left') {
        logger.info({ object: entry.name, why: remains.message }, 'left an object in place');
        continue;
      }
      going.push(entry);
      if (remains.since !== undefined) since = Math.min(since ?? remains.since, remains.since);
    }
  }
  return { going, messages, since };
}

function waveOf({ live }: Recorded): number {
  const wave = Number(live?.metadata.annotations?.[annotation.applyWave] ?? 0);
  return Number.isSafeInteger(wave) ? wave : 0;
}
