import type { Clock } from '@quarterdeck/machinery';

/** Whether the hub takes the identity of this agent, by what those say who speak to it. */
export interface Standing {
  readonly heard: (isTaken: boolean) => void;
  /** Refused without a break for so long that it is no passing trouble. */
  isOutcast(): boolean;
}

/** Rights may come a moment after the certificate, and a hub may be restored; a minute of refusals is neither. */
const refusedForMs = 60_000;

/** @param onOutcast called once for each time that the agent becomes one. RG-41 */
export function createStanding(clock: Pick<Clock, 'monotonic'>, onOutcast: () => void): Standing {
  let refusedSince: number | undefined;
  let told = false;
  const isOutcast = () => refusedSince !== undefined && clock.monotonic() - refusedSince >= refusedForMs;
  return {
    isOutcast,
    heard(isTaken) {
      if (isTaken) {
        refusedSince = undefined;
        told = false;
        return;
      }
      refusedSince ??= clock.monotonic();
      if (told || !isOutcast()) return;
      told = true;
      onOutcast();
    },
  };
}
