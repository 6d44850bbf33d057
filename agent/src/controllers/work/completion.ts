import { annotation, type Condition, conditionType, type Work, WorkReason } from '@quarterdeck/apis';
import { isTrusted } from '../../health/health.ts';
import type { JudgedResult } from './manifest-result.ts';

/** Kinds that run on for as long as they are there. */
const runOn = new Set(['Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps', 'ReplicaSet.apps', 'CronJob.batch']);
/** Kinds that come to an end. */
const end = new Set(['Job.batch', 'Pod']);

type Completion = Pick<Condition, 'status' | 'reason' | 'message'>;

const kindOf = ({ gvk }: JudgedResult): string =>
  gvk === undefined ? '' : gvk.group === '' ? gvk.kind : `${gvk.kind}.${gvk.group}`;

/**
 * Whether a Work that asks to be removed when it is complete is so: every Job and Pod has ended well, at least one of them is
 * there, and nothing else of it runs on. Undefined: it does not ask. Pure. DL-7
 */
export function completionOf(work: Work, results: readonly JudgedResult[]): Completion | undefined {
  if (work.metadata.annotations?.[annotation.removeAfterCompletion] === undefined) return undefined;
  const not = (message: string): Completion => ({ status: 'False', reason: WorkReason.NotComplete, message });
  const hindering = results.find((result) => reasonAgainst(result) !== undefined);
  if (hindering !== undefined) {
    const { kind = 'manifest', namespace = '', name, ordinal } = hindering.identifier;
    const title = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name ?? ordinal}`;
    return not(`${title} ${reasonAgainst(hindering)}`);
  }
  if (!results.some((result) => end.has(kindOf(result)))) return not('there is no Job or Pod that could end');
  return { status: 'True', reason: WorkReason.AllComplete, message: '' };
}

function reasonAgainst(result: JudgedResult): string | undefined {
  const { problem, isCompleted, live, health } = result;
  if (problem !== undefined) return 'is not applied';
  if (isCompleted === true) return undefined;
  const kind = kindOf(result);
  if (runOn.has(kind)) return 'runs on and is never complete';
  if (live === undefined) return 'is not there';
  const isDone = end.has(kind) ? health.reason === 'Complete' || health.reason === 'Succeeded' : isTrusted(health);
  return isDone ? undefined : 'is not complete yet';
}

/** The conditions without one that nobody asks for any more. */
export const withoutCompletion = (conditions: readonly Condition[] | undefined): readonly Condition[] | undefined =>
  conditions?.filter(({ type }) => type !== conditionType.Work.Complete);
