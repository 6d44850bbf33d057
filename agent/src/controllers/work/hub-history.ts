import { annotation } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

/** What the hub says of the history that its data is of. RG-10 */
export interface HubHistory {
  /** Undefined: the hub does not tell, as a Kubernetes hub. */
  readonly epoch: string | undefined;
  /** When it came back from a backup, by the hub's clock; undefined: it did not, as far as it knows of this member. */
  readonly restoredAt: EpochMs | undefined;
  /** The word of an administrator that it is to be followed. */
  readonly confirmed: { readonly at: EpochMs; readonly epoch: string | undefined } | undefined;
}

/** From the annotations of the MemberCluster. */
export function readHistory(annotations: Readonly<Record<string, string>> | undefined): HubHistory {
  const [epoch, since] = (annotations?.[annotation.hubEpoch] ?? '').split(' ');
  const [confirmedAt, confirmedEpoch] = (annotations?.[annotation.restoreConfirmed] ?? '').split(' ');
  const at = timeOf(confirmedAt);
  return {
    epoch: epoch || undefined,
    restoredAt: timeOf(since),
    confirmed: at === undefined ? undefined : { at, epoch: confirmedEpoch || undefined },
  };
}

function timeOf(text: string | undefined): EpochMs | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** Whether something of this time came out of a backup that nobody has said is to be followed. */
export function isFromBackup(time: string | undefined, { epoch, restoredAt, confirmed }: HubHistory): boolean {
  if (restoredAt === undefined || epoch === undefined || confirmed?.epoch === epoch) return false;
  const at = timeOf(time);
  return at !== undefined && at < restoredAt;
}
