import { type DriftReport, formatTime } from '@quarterdeck/apis';
import { beginningOf, type EpochMs, equalValues, type JsonValue } from '@quarterdeck/machinery';
import type { SeenDrift } from './decide-apply.ts';
import { type DriftedField, maxDriftPaths } from './drift.ts';

/** Drift that was quiet for so long begins a new series. */
const seriesMs = 3_600_000;

export interface DriftOptions {
  /** What others added to the object. Default: nothing, or it was not looked for. */
  readonly added?: readonly DriftedField[];
  /** Whether what was reported before had details left out, so that it may hold only the first of the fields. Default false. */
  readonly wasTrimmed?: boolean;
  readonly now: EpochMs;
}

/**
 * The drift of one object for its report, from what was reported before and what was seen now. What stands unchanged is not
 * reported anew; what was repaired stays in the report until the manifest changes. Pure. DL-21
 * @param before undefined also when it was about another manifest
 */
export function driftReport(
  before: DriftReport | undefined,
  seen: SeenDrift | undefined,
  { added = [], wasTrimmed = false, now }: DriftOptions,
): DriftReport | undefined {
  const drift = withAdditions(seen, added);
  if (drift === undefined) return before?.state === 'Repaired' ? before : undefined;
  const fields = drift.fields
    .slice(0, maxDriftPaths)
    .map((field) => ({ ...field, path: beginningOf(field.path, 1024) }));
  const told = before?.fields ?? [];
  const isSame =
    drift.state !== 'Repaired' &&
    before?.state === drift.state &&
    (before.isMissing ?? false) === drift.isMissing &&
    equalValues(
      told as unknown as JsonValue,
      (wasTrimmed ? fields.slice(0, told.length) : fields) as unknown as JsonValue,
    );
  if (isSame) return told.length === fields.length ? before : { ...before, fields };
  const seenAt = drift.seenAt ?? now;
  const goesOn = before !== undefined && seenAt - Date.parse(before.lastSeenTime) < seriesMs;
  const repairs = (goesOn ? (before.repairs ?? 0) : 0) + (drift.state === 'Repaired' ? (drift.repairs ?? 1) : 0);
  return {
    state: drift.state,
    firstSeenTime: goesOn ? before.firstSeenTime : formatTime(seenAt),
    lastSeenTime: formatTime(seenAt),
    ...(repairs === 0 ? {} : { repairs }),
    ...(drift.isMissing ? { isMissing: true } : {}),
    ...(fields.length === 0 ? {} : { fields }),
  };
}

/** What others added stands, whatever became of our own fields. */
function withAdditions(seen: SeenDrift | undefined, added: readonly DriftedField[]): SeenDrift | undefined {
  if (added.length === 0) return seen;
  if (seen === undefined) return { state: 'Reported', fields: added, isMissing: false };
  return { ...seen, fields: [...seen.fields, ...added] };
}
