import { formatTime } from '@quarterdeck/apis';
import type { StoredPod } from '../kinds.ts';

export interface PodSettings {
  /** Default: Running and ready. */
  readonly state?: 'pending' | 'running' | 'ready' | 'succeeded' | 'failed';
  readonly node?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly finalizers?: string[];
  readonly isDeleting?: boolean;
  /** When it was made and became what it is. Default: the start of 2026. */
  readonly at?: number;
  readonly spec?: Partial<NonNullable<StoredPod['spec']>>;
}

const phases = {
  pending: 'Pending',
  running: 'Running',
  ready: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
} as const;

/** A pod as a server would return it; its uid is `uid-NAME`. */
export function podObject(name: string, settings: PodSettings = {}): StoredPod {
  const { state = 'ready', node, labels = {}, annotations, finalizers, isDeleting = false, spec } = settings;
  const time = formatTime(settings.at ?? Date.UTC(2026, 0, 1));
  const isReady = state === 'ready';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: time,
      labels,
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(isDeleting ? { deletionTimestamp: time } : {}),
    },
    spec: {
      containers: [{ name: 'app', image: 'example.test/app:1' }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...spec,
    },
    status: {
      phase: phases[state],
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: time }],
    },
  };
}
