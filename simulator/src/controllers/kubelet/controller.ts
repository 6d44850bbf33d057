import { formatTime } from '@quarterdeck/apis';
import { type Clock, Result } from '@quarterdeck/machinery';
import type { SimulatedController } from '../../engine/controller.ts';
import { deleteSeen, fieldManagers, keyOf, writeStatus } from '../../engine/status.ts';
import { Node, SimPod, type StoredPod } from '../../kinds.ts';
import type { SimulatedDelays } from '../../options.ts';
import { isDeleting, isTerminal } from '../../pods.ts';
import { fateOf, wantedStatus } from './decide.ts';

export interface KubeletOptions {
  readonly delays: SimulatedDelays;
  readonly seed: string;
  readonly clock: Clock;
}

/** Plays the kubelets of all nodes of a member. */
export function createKubelet({ delays, seed, clock }: KubeletOptions): SimulatedController {
  /** When pods that are still under way were taken, by uid: timestamps in objects are whole seconds. */
  const taken = new Map<string, number>();

  function ageOf(pod: StoredPod): number {
    const { uid } = pod.metadata;
    const since = Date.parse(pod.status?.startTime ?? '');
    const at = taken.get(uid) ?? clock.monotonic() - (Number.isNaN(since) ? 0 : Math.max(0, clock.now() - since));
    taken.set(uid, at);
    return clock.monotonic() - at;
  }

  return {
    name: 'kubelet',
    watches: [SimPod],
    wakes({ object, isGone }) {
      if (isGone) taken.delete(object.metadata.uid);
      return isGone || (object as StoredPod).spec?.nodeName === undefined ? [] : [keyOf(object)];
    },
    async reconcile(key, context) {
      const { world, now } = context;
      const pod = world.get(SimPod, key);
      if (pod?.spec?.nodeName === undefined) return Result.done;
      const isLost = world.get(Node, pod.spec.nodeName) === undefined;
      if (isLost || (isDeleting(pod) && (pod.metadata.finalizers ?? []).length === 0)) {
        await deleteSeen(SimPod, pod, context);
        return Result.done;
      }
      if (isTerminal(pod)) return Result.done;
      const started = pod.status?.startTime === undefined ? withStart(pod, formatTime(now)) : pod;
      const { status, requeueAfterMs } = wantedStatus(started, fateOf(pod, delays, seed), ageOf(pod), now);
      if (requeueAfterMs === undefined) taken.delete(pod.metadata.uid);
      await writeStatus(SimPod, pod, status, context, fieldManagers.kubelet);
      return requeueAfterMs === undefined ? Result.done : Result.after(requeueAfterMs);
    },
  };
}

const withStart = (pod: StoredPod, startTime: string): StoredPod => ({ ...pod, status: { ...pod.status, startTime } });
