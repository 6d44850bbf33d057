import type { JsonObject } from '@quarterdeck/machinery';
import { ageOf } from '../../pipeline/render/age.ts';
import type { Column } from '../../registry/definition.ts';
import { listAt, numberAt, objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { ageColumn, cell, nameColumn, textColumn } from '../columns.ts';

/** What kubectl shows of a pod: how far its init containers are, then what its containers do. KA-118 */
interface PodSummary {
  readonly ready: number;
  readonly restarts: number;
  /** When the last restart was; empty for never. */
  readonly restartedAt: string;
  readonly reason: string;
}

const isTrue = (pod: JsonObject, type: string): boolean =>
  objectsAt(pod, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
  );

function phaseReason(pod: JsonObject): string {
  const gated = objectsAt(pod, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === 'PodScheduled' && stringAt(one, 'reason') === 'SchedulingGated',
  );
  return gated ? 'SchedulingGated' : stringAt(pod, 'status', 'reason') || stringAt(pod, 'status', 'phase');
}

/** Why a container is not running, as one word. */
function terminatedReason(container: JsonObject): string {
  const reason = stringAt(container, 'state', 'terminated', 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(container, 'state', 'terminated', 'signal') ?? 0;
  return signal === 0 ? `ExitCode:${numberAt(container, 'state', 'terminated', 'exitCode') ?? 0}` : `Signal:${signal}`;
}

const isTerminated = (container: JsonObject): boolean => valueAt(container, 'state', 'terminated') !== undefined;
const lastRestart = (containers: readonly JsonObject[]): string =>
  containers
    .map((one) => stringAt(one, 'lastState', 'terminated', 'finishedAt'))
    .toSorted()
    .at(-1) ?? '';
const restartsOf = (containers: readonly JsonObject[]): number =>
  containers.reduce((sum, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0);

function isSidecar(pod: JsonObject, name: string): boolean {
  return objectsAt(pod, 'spec', 'initContainers').some(
    (one) => stringAt(one, 'name') === name && stringAt(one, 'restartPolicy') === 'Always',
  );
}

/** The first init container that is not done; undefined when all are. */
function initReason(pod: JsonObject): string | undefined {
  for (const [index, one] of objectsAt(pod, 'status', 'initContainerStatuses').entries()) {
    if (isTerminated(one) && (numberAt(one, 'state', 'terminated', 'exitCode') ?? 0) === 0) continue;
    if (isSidecar(pod, stringAt(one, 'name')) && valueAt(one, 'started') === true) continue;
    if (isTerminated(one)) return `Init:${terminatedReason(one)}`;
    const waiting = stringAt(one, 'state', 'waiting', 'reason');
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${listAt(pod, 'spec', 'initContainers').length}`;
  }
  return undefined;
}

function summarize(pod: JsonObject): PodSummary {
  const initial = objectsAt(pod, 'status', 'initContainerStatuses');
  const sidecars = initial.filter((one) => isSidecar(pod, stringAt(one, 'name')));
  const readySidecars = sidecars.filter((one) => valueAt(one, 'started') === true && valueAt(one, 'ready') === true);
  const init = initReason(pod);
  if (init !== undefined && !isTrue(pod, 'Initialized')) {
    return {
      ready: readySidecars.length,
      restarts: restartsOf(initial),
      restartedAt: lastRestart(initial),
      reason: init,
    };
  }
  const containers = objectsAt(pod, 'status', 'containerStatuses');
  const running = containers.filter(
    (one) => valueAt(one, 'ready') === true && valueAt(one, 'state', 'running') !== undefined,
  );
  const counted = [...sidecars, ...containers];
  return {
    ready: readySidecars.length + running.length,
    restarts: restartsOf(counted),
    restartedAt: lastRestart(counted),
    reason: containersReason(pod, containers, init ?? phaseReason(pod), running.length > 0),
  };
}

function containersReason(
  pod: JsonObject,
  containers: readonly JsonObject[],
  start: string,
  hasRunning: boolean,
): string {
  let reason = start;
  let failed = '';
  for (const one of containers.toReversed()) {
    const waiting = stringAt(one, 'state', 'waiting', 'reason');
    if (waiting !== '') reason = waiting;
    else if (isTerminated(one)) {
      reason = terminatedReason(one);
      if ((numberAt(one, 'state', 'terminated', 'exitCode') ?? 0) !== 0) failed = reason;
    }
  }
  if (reason !== 'Completed') return reason;
  if (hasRunning && isTrue(pod, 'Ready')) return 'Running';
  if (failed !== '') return failed;
  return hasRunning ? 'NotReady' : reason;
}

function statusText(pod: JsonObject): string {
  const { reason } = summarize(pod);
  if (valueAt(pod, 'metadata', 'deletionTimestamp') === undefined) return reason;
  if (stringAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase')) ? reason : 'Terminating';
}

function restartsText(pod: JsonObject, now: number): string {
  const { restarts, restartedAt } = summarize(pod);
  return restarts === 0 || restartedAt === '' ? String(restarts) : `${restarts} (${ageOf(restartedAt, now)} ago)`;
}

function gatesText(pod: JsonObject): string | undefined {
  const gates = objectsAt(pod, 'spec', 'readinessGates').map((gate) => stringAt(gate, 'conditionType'));
  return gates.length === 0 ? undefined : `${gates.filter((gate) => isTrue(pod, gate)).length}/${gates.length}`;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  cell('Ready', 'Containers that are ready, of all.', (pod) => {
    const sidecars = objectsAt(pod, 'spec', 'initContainers').filter(
      (one) => stringAt(one, 'restartPolicy') === 'Always',
    );
    return `${summarize(pod).ready}/${listAt(pod, 'spec', 'containers').length + sidecars.length}`;
  }),
  cell('Status', 'What the pod is doing.', statusText),
  cell('Restarts', 'How often containers were restarted, and when last.', restartsText),
  ageColumn,
  textColumn('IP', 'Address of the pod.', (pod) => stringAt(objectsAt(pod, 'status', 'podIPs')[0] ?? {}, 'ip'), 1),
  textColumn('Node', 'Where it runs.', (pod) => stringAt(objectAt(pod, 'spec'), 'nodeName'), 1),
  textColumn(
    'Nominated Node',
    'Where it may run once others made room.',
    (pod) => stringAt(pod, 'status', 'nominatedNodeName'),
    1,
  ),
  textColumn('Readiness Gates', 'Conditions of others that are true, of all asked for.', gatesText, 1),
];
