import {
  annotation,
  type Condition,
  conditionType,
  findCondition,
  type Stored,
  type Work,
  type WorkReport,
} from '@quarterdeck/apis';

/**
 * What the events of a Work have told of it. Recorded on its WorkReport with the write that follows them: a status that was
 * written, and a report that was not, leave them to be told, and a restart does not have them told twice. DL-23
 */
export interface ToldOutcome {
  readonly generation: number;
  readonly applied: Condition['status'];
  readonly isDegraded: boolean;
}

/** By the conditions of a Work; undefined: it has none yet. */
export function outcomeOf(conditions: readonly Condition[] | undefined): ToldOutcome | undefined {
  const applied = findCondition(conditions, conditionType.Work.Applied);
  if (applied === undefined) return undefined;
  const isDegraded = findCondition(conditions, conditionType.Work.Degraded)?.status === 'True';
  return { generation: applied.observedGeneration ?? 0, applied: applied.status, isDegraded };
}

/**
 * What was told last. A report of an agent that did not record it stands for the status beside it; without a report nothing
 * was ever told.
 */
export function lastTold(work: Stored<Work>, report: Stored<WorkReport> | undefined): ToldOutcome | undefined {
  if (report === undefined) return undefined;
  return readOutcome(report.metadata.annotations?.[annotation.toldOutcome]) ?? outcomeOf(work.status?.conditions);
}

export const outcomeText = ({ generation, applied, isDegraded }: ToldOutcome): string =>
  `${generation} ${applied} ${isDegraded ? 'Degraded' : 'AsDesired'}`;

function readOutcome(text = ''): ToldOutcome | undefined {
  const [, generation, applied, degraded] = /^(\d{1,15}) (True|False|Unknown) (Degraded|AsDesired)$/.exec(text) ?? [];
  if (generation === undefined) return undefined;
  return {
    generation: Number(generation),
    applied: applied as Condition['status'],
    isDegraded: degraded === 'Degraded',
  };
}
