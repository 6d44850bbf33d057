import { formatTime, isConflict, isNotFound } from '@quarterdeck/apis';
import { Result } from '@quarterdeck/machinery';
import type { SimulatedController, SimulationContext, WorldChange } from '../../engine/controller.ts';
import { fieldManagers, writeStatus } from '../../engine/status.ts';
import { Node, SimPod, type StoredPod } from '../../kinds.ts';
import { isActive, isTerminal, withCondition } from '../../pods.ts';
import { type Assignment, schedule, type Unschedulable } from './decide.ts';

const fieldManager = fieldManagers.scheduler;
/** All waiting pods are looked at together. */
const round = 'round';

export const schedulerController: SimulatedController = {
  name: 'scheduler',
  watches: [SimPod, Node],
  wakes: (change) => (change.object.kind === 'Node' || mayMatter(change) ? [round] : []),
  async reconcile(_round, context) {
    const { world } = context;
    const waiting = world
      .list(SimPod, ({ index }) => (index.fields['spec.nodeName'] ?? '') === '')
      .filter((pod) => isActive(pod) && (pod.spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler');
    if (waiting.length === 0) return Result.done;
    const bound = world.list(SimPod, ({ index }) => (index.fields['spec.nodeName'] ?? '') !== '');
    const { assignments, unschedulable } = schedule(waiting, bound, world.list(Node));
    for (const assignment of assignments) await ignoringChange(bind(assignment, context));
    for (const one of unschedulable) await ignoringChange(explain(one, context));
    return Result.done;
  },
};

/** A pod that waits, or one that makes room. */
function mayMatter({ object, isGone }: WorldChange): boolean {
  const pod = object as StoredPod;
  return isGone || isTerminal(pod) || pod.spec?.nodeName === undefined;
}

async function bind({ pod, node }: Assignment, { client, signal }: SimulationContext): Promise<void> {
  const { namespace = '', name, resourceVersion } = pod.metadata;
  const body = { metadata: { resourceVersion }, spec: { nodeName: node } };
  await client.patch(SimPod, { namespace, name }, { type: 'merge', body }, { fieldManager, signal });
}

async function explain({ pod, message }: Unschedulable, context: SimulationContext): Promise<void> {
  const lastTransitionTime = formatTime(context.now);
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime,
  } as const;
  const conditions = withCondition(pod.status?.conditions, condition);
  await writeStatus(SimPod, pod, { ...pod.status, phase: 'Pending', conditions }, context, fieldManager);
}

/** A pod that changed or went meanwhile comes again by that very change. */
async function ignoringChange(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
  }
}
