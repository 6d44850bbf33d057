import {
  annotation,
  type Condition,
  type DriftReport,
  ManifestReason,
  type ManifestReport,
  type ResourceIdentifier,
  type Work,
  type WorkReport,
} from '@quarterdeck/apis';

/** What a Work and its report say, for a terminal. Pure. */

const titleOf = ({ ordinal, kind, namespace = '', name }: ResourceIdentifier): string =>
  kind === undefined || name === undefined
    ? `manifest ${ordinal}`
    : `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;

const identityOf = ({ group = '', kind = '', namespace = '', name = '' }: ResourceIdentifier): string =>
  `${group} ${kind} ${namespace} ${name}`;

const find = (conditions: readonly Condition[] | undefined, type: string) =>
  conditions?.find((condition) => condition.type === type);

/** Rows of a table, the first being the head: one line for each manifest. */
export function statusRows(work: Work, report: WorkReport | undefined): string[][] {
  const reports = new Map(report?.status?.manifests?.map((each) => [identityOf(each.identifier), each]));
  const rows = (work.status?.manifestConditions ?? []).map(({ identifier, conditions }) => {
    const told = reports.get(identityOf(identifier));
    const applied = find(conditions, 'Applied');
    return [
      titleOf(identifier),
      applied?.status === 'True' ? 'yes' : `no: ${applied?.reason ?? 'not told'}`,
      told?.health ?? 'Unknown',
      replicasOf(told),
      told?.drift === undefined ? '' : told.drift.state.toLowerCase(),
      applied?.status === 'True' ? (told?.message ?? '') : (applied?.message ?? ''),
    ];
  });
  return [['OBJECT', 'APPLIED', 'HEALTH', 'READY', 'DRIFT', 'MESSAGE'], ...rows];
}

function replicasOf(told: ManifestReport | undefined): string {
  return told?.replicas === undefined ? '' : `${told.replicas.ready ?? 0}/${told.replicas.desired ?? 0}`;
}

/** One line for each condition of the Work, and whether they are about what the Work says now. */
export function conditionLines({ metadata, status }: Work): string[] {
  const isPaused = metadata.annotations?.[annotation.pauseRepair] === 'true';
  const paused = isPaused ? [`Repairs are paused: the Work carries ${annotation.pauseRepair}`] : [];
  const generation = metadata.generation ?? 0;
  const lines = (status?.conditions ?? []).map(({ type, status: value, reason, message, observedGeneration }) => {
    const old =
      observedGeneration !== undefined && observedGeneration < generation ? ' (about an older generation)' : '';
    return `${type}: ${value} ${reason}${message === '' ? '' : `: ${message}`}${old}`;
  });
  return [...paused, ...(lines.length === 0 ? ['the agent has not looked at it yet'] : lines)];
}

/** What is not as the manifests say, of all that the agent has told: what is not applied, and fields that differ. */
export function diffLines(work: Work, report: WorkReport | undefined): string[] {
  const { generation = 0 } = work.metadata;
  const applied = find(work.status?.conditions, 'Applied');
  if (applied === undefined) return ['the agent has not looked at it yet'];
  const isOld = (applied.observedGeneration ?? 0) < generation;
  return [
    ...(applied.status === 'Unknown' ? [`not known: ${applied.message}`] : []),
    ...(isOld ? ['the agent has not told yet what became of the latest change; before it:'] : []),
    ...(work.status?.manifestConditions ?? []).flatMap(notAppliedLines),
    ...driftLines(report, true),
  ];
}

type ManifestConditions = NonNullable<NonNullable<Work['status']>['manifestConditions']>[number];

/** Nothing for what shall only be looked at: its differences stand in the report. */
function notAppliedLines({ identifier, conditions }: ManifestConditions): string[] {
  const applied = find(conditions, 'Applied');
  if (applied === undefined || applied.status === 'True' || applied.reason === ManifestReason.ReportOnly) return [];
  return [`${titleOf(identifier)}: not applied: ${applied.reason}: ${applied.message}`];
}

/**
 * Which fields are, or were, not as the manifests say.
 * @param onlyStanding leaves out what was put right
 */
export function driftLines(report: WorkReport | undefined, onlyStanding: boolean): string[] {
  return (report?.status?.manifests ?? []).flatMap(({ identifier, drift }) => {
    if (drift === undefined || (onlyStanding && drift.state === 'Repaired')) return [];
    return [`${titleOf(identifier)}: ${headOf(drift)}`, ...driftOf(drift)];
  });
}

function headOf({ state, firstSeenTime, lastSeenTime, repairs = 0, isMissing = false }: DriftReport): string {
  const what = isMissing ? 'the object was gone' : 'fields were changed';
  const times = firstSeenTime === lastSeenTime ? `at ${lastSeenTime}` : `from ${firstSeenTime} to ${lastSeenTime}`;
  const done: Readonly<Record<DriftReport['state'], string>> = {
    Repaired: `put right${repairs > 1 ? ` ${repairs} times` : ''}`,
    Reported: 'left as it is, by its policy',
    Waiting: 'changed again and again; the next repair waits',
    Paused: 'left as it is while the object or the Work carries quarterdeck.dev/pause-repair',
  };
  return `${what} ${times}; ${done[state]}`;
}

/** One line for each field that is not as the manifest says. */
export const driftOf = ({ fields = [] }: DriftReport): string[] =>
  fields.map(({ path, wanted = '(nothing)', seen = '(nothing)', manager }) => {
    const by = manager === undefined ? '' : `   by ${manager}`;
    return `  ${path}: ${seen}, wanted ${wanted}${by}`;
  });
