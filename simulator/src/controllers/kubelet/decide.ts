import { formatTime } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { ContainerState, LegacyCondition, PodStatus, StoredPod } from '../../kinds.ts';
import type { SimulatedDelays } from '../../options.ts';
import { withCondition } from '../../pods.ts';
import { draw, hash32 } from '../../random.ts';
import { parseGoDuration } from './go-duration.ts';

/** Annotations on a pod that tell how it runs; the same ones work on the stub nodes of real test clusters. */
export const podAnnotations = Object.freeze({
  /** Time from bound to ready. */
  readyAfter: 'node-stub.quarterdeck.dev/ready-after',
  /** Never ready: its containers wait with this reason. */
  fail: 'node-stub.quarterdeck.dev/fail',
  /** A pod that runs to completion ends after this; default 0s. */
  exitAfter: 'node-stub.quarterdeck.dev/exit-after',
  /** ... with this code; default 0. */
  exitCode: 'node-stub.quarterdeck.dev/exit-code',
});

/** How one pod will run, known from the start. */
export interface PodFate {
  readonly readyAfterMs: number;
  /** Why it never becomes ready; undefined when it does. */
  readonly failure: string | undefined;
  /** For pods that run to completion: after being ready. */
  readonly exitAfterMs: number;
  readonly exitCode: number;
}

/** By its annotations, else drawn: the same for the same pod, whenever it is asked. */
export function fateOf({ metadata }: StoredPod, delays: SimulatedDelays, seed: string): PodFate {
  const { annotations = {} } = metadata;
  const words = [seed, metadata.namespace ?? '', metadata.name];
  const { minMs, maxMs } = delays.ready;
  const drawn = minMs + draw(...words, 'ready') * (maxMs - minMs);
  const fails = draw(...words, 'fail') < delays.failureProbability;
  const code = Number(annotations[podAnnotations.exitCode] ?? 0);
  return {
    readyAfterMs: parseGoDuration(annotations[podAnnotations.readyAfter] ?? '') ?? Math.round(drawn),
    failure: annotations[podAnnotations.fail] || (fails ? 'CrashLoopBackOff' : undefined),
    exitAfterMs: parseGoDuration(annotations[podAnnotations.exitAfter] ?? '') ?? 0,
    exitCode: Number.isInteger(code) ? code : 1,
  };
}

export interface KubeletStep {
  readonly status: PodStatus;
  /** When it changes next, by time alone. */
  readonly requeueAfterMs: number | undefined;
}

/** The status that a kubelet would have reached `ageMs` after it took the pod. */
export function wantedStatus(pod: StoredPod, fate: PodFate, ageMs: number, now: EpochMs): KubeletStep {
  const startedAt = pod.status?.startTime ?? formatTime(now - ageMs);
  const runs = { running: { startedAt } };
  const step = (phase: Phase, isReady: boolean, state: ContainerState, requeueAfterMs?: number): KubeletStep => ({
    status: statusOf(pod, { phase, isReady, state, startedAt, now }),
    requeueAfterMs,
  });
  if (fate.failure !== undefined) return step('Pending', false, { waiting: { reason: fate.failure } });
  const untilReady = fate.readyAfterMs - ageMs;
  if (untilReady > 0) return step('Pending', false, { waiting: { reason: 'ContainerCreating' } }, untilReady);
  if ((pod.spec?.restartPolicy ?? 'Always') === 'Always') return step('Running', true, runs);
  const untilExit = untilReady + fate.exitAfterMs;
  if (untilExit > 0) return step('Running', true, runs, untilExit);
  const { exitCode } = fate;
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  const terminated = { exitCode, reason, startedAt, finishedAt: formatTime(now) };
  return step(exitCode === 0 ? 'Succeeded' : 'Failed', false, { terminated });
}

type Phase = NonNullable<PodStatus['phase']>;

interface Reached {
  readonly phase: Phase;
  readonly isReady: boolean;
  readonly state: ContainerState;
  readonly startedAt: string;
  readonly now: EpochMs;
}

function statusOf(pod: StoredPod, { phase, isReady, state, startedAt, now }: Reached): PodStatus {
  const ip = address(pod, '10.', 0x7fffff);
  const hostIP = nodeAddress(pod.spec?.nodeName ?? '');
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  const unready = phase === 'Succeeded' ? { reason: 'PodCompleted' } : { reason: 'ContainersNotReady' };
  const at = formatTime(now);
  const set = (list: LegacyCondition[], [type, holds]: readonly [string, boolean]): LegacyCondition[] =>
    withCondition(list, {
      type,
      status: holds ? 'True' : 'False',
      lastTransitionTime: at,
      ...(holds ? {} : unready),
    });
  const started = isReady || isDone;
  const holding = [
    ['PodReadyToStartContainers', !isDone],
    ['Initialized', true],
    ['Ready', isReady],
    ['ContainersReady', isReady],
    ['PodScheduled', true],
  ] as const;
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: holding.reduce(set, pod.status?.conditions ?? []),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(started ? { podIP: ip, podIPs: [{ ip }] } : {}),
    startTime: startedAt,
    containerStatuses: (pod.spec?.containers ?? []).map(({ name, image = '' }) => ({
      name,
      image,
      imageID: started ? `simulated://${image}` : '',
      ready: isReady,
      started: isReady,
      restartCount: 0,
      state,
      lastState: {},
    })),
    qosClass: qosClass(pod),
  };
}

/** Somewhere in a network that no simulated pod ever answers from. */
const address = (pod: StoredPod, prefix: string, mask: number): string => {
  const number = hash32(pod.metadata.uid) & mask;
  return `${prefix}${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
};

/** The address of a node, by its name. */
export function nodeAddress(name: string): string {
  const number = hash32(name) & 0x3fff;
  return `10.${192 + (number >> 13)}.${(number >> 8) & 31}.${number & 255}`;
}

function qosClass({ spec }: StoredPod): string {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map(({ resources }) => resources ?? {});
  const asks = all.some(({ requests = {}, limits = {} }) =>
    ['cpu', 'memory'].some((name) => name in requests || name in limits),
  );
  if (!asks) return 'BestEffort';
  const isGuaranteed = all.every(({ requests = {}, limits = {} }) =>
    ['cpu', 'memory'].every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name]),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
