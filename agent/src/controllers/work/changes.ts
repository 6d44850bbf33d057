import { type Condition, conditionType, findCondition } from '@quarterdeck/apis';
import type { WorkEvent } from './events.ts';
import type { ManifestResult } from './manifest-result.ts';
import { outcomeOf, type ToldOutcome } from './told-outcome.ts';

/** Objects that an event names. */
const maxNamed = 5;

/**
 * What became of a Work, for its events: what a person would write down, and nothing twice. Statuses that only come and go
 * with what runs (Available) are left to the conditions. Pure.
 * @param before what was told last; undefined: nothing
 * @param conditions those that are told now
 */
export function outcomeEvents(
  before: ToldOutcome | undefined,
  conditions: readonly Condition[],
  results: readonly ManifestResult[],
): WorkEvent[] {
  const after = outcomeOf(conditions);
  if (after === undefined) return [];
  const applied = findCondition(conditions, conditionType.Work.Applied);
  const degraded = findCondition(conditions, conditionType.Work.Degraded);
  const { generation } = after;
  const keyOf = (of: Condition | undefined) => `${generation} ${of?.lastTransitionTime}`;
  const events: WorkEvent[] = [];
  if (before?.applied !== after.applied || before.generation !== generation) {
    if (after.applied === 'True') {
      const message = `generation ${generation}: ${counted(results.length)} applied`;
      events.push({ type: 'Normal', reason: 'Applied', message, key: keyOf(applied) });
    }
    if (after.applied === 'False') {
      const message = `generation ${generation}: ${applied?.message}`;
      events.push({ type: 'Warning', reason: 'ApplyFailed', message, key: keyOf(applied) });
    }
  }
  const wasDegraded = before?.isDegraded === true;
  if (after.isDegraded && !wasDegraded)
    events.push({ type: 'Warning', reason: 'Degraded', message: degraded?.message ?? '', key: keyOf(degraded) });
  if (!after.isDegraded && wasDegraded)
    events.push({
      type: 'Normal',
      reason: 'Recovered',
      message: 'no object is degraded any more',
      key: keyOf(degraded),
    });
  return events;
}

/** What was put back on the member, and whose change it undid. DL-21 */
export const repairEvents = (results: readonly ManifestResult[]): WorkEvent[] => results.flatMap(repairOf);

function repairOf({ identifier, drift }: ManifestResult): WorkEvent[] {
  if (drift?.state !== 'Repaired') return [];
  const object = titleOf(identifier);
  if (drift.isMissing)
    return [
      { type: 'Normal', reason: 'DriftRepaired', message: `${object} was deleted on the member; it is made again` },
    ];
  const managers = [...new Set(drift.fields.flatMap(({ manager }) => manager ?? []))];
  const by = managers.length === 0 ? '' : ` by ${named(managers)}`;
  const paths = named(drift.fields.map(({ path }) => path));
  return [{ type: 'Normal', reason: 'DriftRepaired', message: `${paths} of ${object} put back; changed${by}` }];
}

/** Objects whose manifests were dropped and that are gone from the member. Undefined: there are none. WK-33 */
export function removalOf(removed: readonly Parameters<typeof titleOf>[0][]): WorkEvent | undefined {
  if (removed.length === 0) return undefined;
  return { type: 'Normal', reason: 'Removed', message: `no longer in the Work: ${named(removed.map(titleOf))}` };
}

const counted = (count: number): string => (count === 1 ? '1 object' : `${count} objects`);

function named(names: readonly string[]): string {
  const more = names.length - maxNamed;
  return `${names.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function titleOf({ kind = 'object', namespace = '', name = '' }: ManifestResult['identifier']): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
