/** How many members have joined, and how many of them have fallen silent. */
export interface FleetSilence {
  readonly watched: number;
  readonly silent: number;
}

/** A few clusters may fail together; more of them at once, and it is rather the hub or its network that failed. RG-31 */
const maxBelievedLost = 3;
const maxBelievedShare = 0.55;

/**
 * Members count as silent well before they count as lost (40 s): clusters that vanish together do so within one heartbeat
 * of each other, and all of them must be counted when the first one is lost. Two missed heartbeats of 10 s and their spread.
 */
export const silentAfterMs = 25_000;

/** Whether so much of the fleet has vanished at once that nothing may follow from it before somebody has looked. RG-31 */
export function isBrakeOn({ watched, silent }: FleetSilence): boolean {
  return silent > maxBelievedLost && silent > watched * maxBelievedShare;
}
