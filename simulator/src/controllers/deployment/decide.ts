import type { Deployment, ReplicaSet, Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { isDeleting, ownedBy } from '../../pods.ts';
import { podTemplateHash, sameTemplate, templateHash } from '../../template-hash.ts';
import { type Bounds, boundsOf } from './decide-bounds.ts';
import { proportionalSizes, rollingSizes, type SetSize, type Sizes, type WantedSizes } from './decide-replicas.ts';
import { decideStatus } from './decide-status.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

export interface ObservedDeployment {
  readonly deployment: Stored<Deployment>;
  /** Those it runs. */
  readonly sets: readonly Stored<ReplicaSet>[];
  /** Whether any pod of another template is still there, going ones included. For Recreate. */
  readonly hasOldPods: boolean;
  readonly now: EpochMs;
}

export interface DeploymentStep {
  readonly create: ReplicaSet | undefined;
  /** Sets with another size or other annotations. */
  readonly update: readonly Stored<ReplicaSet>[];
  /** Beyond the revision history. */
  readonly remove: readonly Stored<ReplicaSet>[];
  /** The revision that the Deployment shall name; undefined: as it is. */
  readonly revision: string | undefined;
  readonly status: NonNullable<Deployment['status']>;
  readonly requeueAfterMs: number | undefined;
}

/** One look at a Deployment. Total; what pods do in between, later looks see. */
export function decideDeployment({ deployment, sets, hasOldPods, now }: ObservedDeployment): DeploymentStep {
  const { spec, metadata } = deployment;
  const oldestFirst = sets.filter((set) => !isDeleting(set)).toSorted(byAge);
  const current = oldestFirst.find((set) => sameTemplate(set.spec.template, spec.template));
  const old = oldestFirst.filter((set) => set !== current);
  if (isDeleting(deployment)) {
    const { status } = decideStatus({ deployment, current, old, created: undefined, now });
    return { ...nothing, status };
  }
  const bounds = boundsOf(spec);
  const sizes = { current: current === undefined ? undefined : sizeOf(current), old: old.map(sizeOf) };
  const isRescaled = oldestFirst.some((set) => wasSizedFor(set) !== undefined && wasSizedFor(set) !== spec.replicas);
  const wanted = wantedSizes(deployment, sizes, { bounds, hasOldPods, isRescaled });
  const revision = current === undefined || revisionOf(current) < highest(old) ? highest(old) + 1 : revisionOf(current);
  const makesNew = current === undefined && spec.paused !== true && !waitsForOld(deployment, hasOldPods);
  const create = makesNew ? newSet(deployment, wanted.current, revision, bounds) : undefined;
  const updates = [
    ...(current === undefined ? [] : [resized(current, wanted.current, deployment, bounds, revision)]),
    ...old.map((set, index) => resized(set, wanted.old[index] ?? 0, deployment, bounds)),
  ];
  const { status, isComplete, requeueAfterMs } = decideStatus({
    deployment,
    current,
    old,
    created: create,
    now,
  });
  const named = makesNew || current !== undefined ? String(revision) : undefined;
  return {
    create,
    update: updates.filter((set): set is Stored<ReplicaSet> => set !== undefined),
    remove: isComplete && spec.paused !== true ? beyondHistory(old, spec.revisionHistoryLimit ?? 10) : [],
    revision: metadata.annotations?.[revisionAnnotation] === named ? undefined : named,
    status,
    requeueAfterMs,
  };
}

const nothing = { create: undefined, update: [], remove: [], revision: undefined, requeueAfterMs: undefined };

interface SizingInput {
  readonly bounds: Bounds;
  readonly hasOldPods: boolean;
  readonly isRescaled: boolean;
}

function wantedSizes(deployment: Deployment, sizes: Sizes, input: SizingInput): WantedSizes {
  const { replicas = 1, paused, strategy } = deployment.spec;
  const { bounds, hasOldPods, isRescaled } = input;
  if (paused === true || isRescaled) return proportional(sizes, replicas, bounds);
  if (strategy?.type !== 'Recreate') return rollingSizes(sizes, replicas, bounds);
  return { old: sizes.old.map(() => 0), current: hasOldPods ? (sizes.current?.replicas ?? 0) : replicas };
}

function proportional(sizes: Sizes, replicas: number, bounds: Bounds): WantedSizes {
  const isEmpty = sizes.current === undefined && sizes.old.every((set) => set.replicas === 0);
  return isEmpty ? rollingSizes(sizes, replicas, bounds) : proportionalSizes(sizes, replicas, bounds);
}

const waitsForOld = ({ spec }: Deployment, hasOldPods: boolean): boolean =>
  spec.strategy?.type === 'Recreate' && hasOldPods;

function sizeOf(set: Stored<ReplicaSet>): SetSize {
  const { replicas = 1 } = set.spec;
  return {
    replicas,
    // A status from before the set was made smaller counts pods that are on their way out.
    available: Math.min(set.status?.availableReplicas ?? 0, replicas),
    recordedMax: recorded(set, maxAnnotation),
  };
}

/** The wanted number of pods when the set was sized last; undefined for a set that has none. */
const wasSizedFor = (set: Stored<ReplicaSet>): number | undefined =>
  set.spec.replicas === 0 ? undefined : recorded(set, desiredAnnotation);

function recorded({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const value = Number(metadata.annotations?.[annotation] ?? Number.NaN);
  return Number.isInteger(value) ? value : undefined;
}

function newSet(deployment: Stored<Deployment>, replicas: number, revision: number, bounds: Bounds): ReplicaSet {
  const { spec, metadata, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount ?? 0);
  const labels = { ...spec.template.metadata?.labels, [podTemplateHash]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: {
        ...inherited(metadata.annotations),
        ...sizeAnnotations(spec, bounds),
        [revisionAnnotation]: String(revision),
      },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas,
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [podTemplateHash]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
    },
  };
}

/** The set at its new size; undefined when nothing about it changes. */
function resized(
  set: Stored<ReplicaSet>,
  replicas: number,
  { spec }: Deployment,
  bounds: Bounds,
  revision?: number,
): Stored<ReplicaSet> | undefined {
  const annotations = {
    ...set.metadata.annotations,
    ...sizeAnnotations(spec, bounds),
    ...(revision === undefined ? {} : { [revisionAnnotation]: String(revision) }),
  };
  const { minReadySeconds = 0 } = spec;
  const isSame =
    set.spec.replicas === replicas &&
    (set.spec.minReadySeconds ?? 0) === minReadySeconds &&
    Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (isSame) return undefined;
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas, minReadySeconds } };
}

function sizeAnnotations({ replicas = 1 }: Deployment['spec'], { surge }: Bounds): Record<string, string> {
  return { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + surge) };
}

/** A set carries what its Deployment carries, but for what belongs to one of the two. */
function inherited(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = [
    'kubectl.kubernetes.io/last-applied-configuration',
    revisionAnnotation,
    desiredAnnotation,
    maxAnnotation,
  ];
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !own.includes(key)));
}

function revisionOf({ metadata }: ReplicaSet): number {
  const revision = Number(metadata.annotations?.[revisionAnnotation] ?? 0);
  return Number.isInteger(revision) ? revision : 0;
}

const highest = (sets: readonly ReplicaSet[]): number => Math.max(0, ...sets.map(revisionOf));

/** Sets without pods that are more than the history keeps, oldest revision first. */
function beyondHistory(old: readonly Stored<ReplicaSet>[], limit: number): Stored<ReplicaSet>[] {
  const empty = old.filter(({ spec, status }) => spec.replicas === 0 && (status?.replicas ?? 0) === 0);
  const surplus = old.length - limit;
  return surplus <= 0 ? [] : empty.toSorted((one, other) => revisionOf(one) - revisionOf(other)).slice(0, surplus);
}

function byAge(one: Stored<ReplicaSet>, other: Stored<ReplicaSet>): number {
  const [first, second] = [one.metadata, other.metadata];
  if (first.creationTimestamp !== second.creationTimestamp)
    return first.creationTimestamp < second.creationTimestamp ? -1 : 1;
  return revisionOf(one) - revisionOf(other) || (first.name < second.name ? -1 : 1);
}
