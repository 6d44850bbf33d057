import {
  type Condition,
  conditionType,
  findCondition,
  type Stored,
  type Work,
  type WorkStatus,
} from '@quarterdeck/apis';
import type { WorkEvent } from './events.ts';
import type { ManifestResult } from './manifest-result.ts';

/** Objects that an event names. */
const maxNamed = 5;

/**
 * What happened to a Work, for its events: what a person would write down, and nothing twice. Statuses that only come and go
 * with what runs (Available) are left to the conditions. Pure.
 * @param after the status that is written now; `work` holds the one before
 */
export function changesOf(work: Stored<Work>, after: WorkStatus, results: readonly ManifestResult[]): WorkEvent[] {
  const { Applied, Degraded } = conditionType.Work;
  const [before, now] = [work.status?.conditions, after.conditions];
  const applied = findCondition(now, Applied);
  const degraded = findCondition(now, Degraded);
  const isNew = (is: Condition | undefined, was: Condition | undefined) =>
    is !== undefined && (was?.status !== is.status || was.observedGeneration !== is.observedGeneration);
  const events: WorkEvent[] = [];
  if (isNew(applied, findCondition(before, Applied))) {
    const { generation = 0 } = work.metadata;
    if (applied?.status === 'True') {
      const message = `generation ${generation}: ${counted(results.length)} applied`;
      events.push({ type: 'Normal', reason: 'Applied', message });
    }
    if (applied?.status === 'False') {
      const message = `generation ${generation}: ${applied.message}`;
      events.push({ type: 'Warning', reason: 'ApplyFailed', message });
    }
  }
  const wasDegraded = findCondition(before, Degraded)?.status === 'True';
  if (degraded?.status === 'True' && !wasDegraded)
    events.push({ type: 'Warning', reason: 'Degraded', message: degraded.message });
  if (degraded?.status === 'False' && wasDegraded)
    events.push({ type: 'Normal', reason: 'Recovered', message: 'no object is degraded any more' });
  return [...events, ...results.flatMap(repairOf)];
}

/** What was put back on the member, and whose change it undid. DL-21 */
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
