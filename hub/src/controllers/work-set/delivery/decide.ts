import {
  annotation,
  apiVersionOf,
  finalizer,
  label,
  labelValueOf,
  type Manifest,
  memberNamespaceName,
  policyAnnotation,
  type Stored,
  Work,
  WorkSet,
} from '@quarterdeck/apis';
import { equalParts } from '../../equal.ts';
import { hasFinalizer, isTerminating, withFinalizer, withoutFinalizer } from '../../metadata.ts';
import { create, remove, update, type Write } from '../../writes.ts';
import type { Names } from '../observe.ts';
import { isSuspended } from '../suspended.ts';
import type { Target } from '../target.ts';
import { workNameOf } from '../work-name.ts';

export interface Seen {
  readonly workSet: Stored<WorkSet>;
  /** What it is executed as when it names nobody, by its namespace. Absent: by each member's own default. DL-30 */
  readonly defaultExecutor?: string | undefined;
  /** Where it shall run; undefined: not known (no placement, no decision, a decision half written). DL-44 */
  readonly target: Target;
  /** Every Work made from this WorkSet. */
  readonly works: readonly Stored<Work>[];
  /** Clusters that take nothing new. RG-40 */
  readonly closed: Names;
  /** Namespaces of members that leave the fleet: their Works are withdrawn by that, in its order. RG-40 */
  readonly leaving: Names;
  /** Clusters where a Work of the name exists that is not ours: it is left alone. */
  readonly taken: Names;
  /** Clusters whose agents are heard of: they will take the finalizer off. */
  readonly heard: Names;
}

export interface Decision {
  readonly writes: readonly Write[];
  /** The finalizer goes: a Work that is left then is nobody's for ever. */
  readonly isLast?: true;
}

/**
 * One Work for each cluster of the decision, in that member's namespace; Works of clusters that left are removed, only when
 * the whole decision is known. Pure and total. DL-44, PD-18, PD-23
 */
export function decide(seen: Seen): Decision {
  const { workSet, defaultExecutor, target, works, closed, leaving, taken, heard } = seen;
  if (isTerminating(workSet)) return withdraw(workSet, works, leaving);
  if (!hasFinalizer(workSet, finalizer.workSet)) {
    return { writes: [update(WorkSet, withFinalizer(workSet, finalizer.workSet))] };
  }
  if (target.known !== true) return { writes: [] };
  const byNamespace = new Map(works.map((work) => [work.metadata.namespace ?? '', work]));
  const common = commonOf(workSet, defaultExecutor);
  const writes: Write[] = [];
  for (const { name: clusterName } of target.clusters) {
    const namespace = memberNamespaceName(clusterName);
    const existing = byNamespace.get(namespace);
    byNamespace.delete(namespace);
    if (closed.has(clusterName) || taken.has(clusterName) || isSuspended(workSet, clusterName)) continue;
    const rendered = renderWork(common, clusterName);
    if (existing === undefined) writes.push(create(Work, heard.has(clusterName) ? guarded(rendered) : rendered));
    else writes.push(...change(existing, rendered));
  }
  const left = [...byNamespace.values()].filter((work) => !mayNotLeave(workSet, work));
  return { writes: [...writes, ...removals(left, leaving)] };
}

/** What a cluster has that left the decision stays while delivery to it is suspended. DL-11 */
function mayNotLeave({ spec }: WorkSet, { metadata }: Stored<Work>): boolean {
  if (spec.suspend === undefined) return false;
  const names = spec.suspend.clusterNames;
  return names === undefined || names.some((name) => memberNamespaceName(name) === metadata.namespace);
}

function withdraw(workSet: Stored<WorkSet>, works: readonly Stored<Work>[], leaving: Names): Decision {
  if (!hasFinalizer(workSet, finalizer.workSet)) return { writes: [] };
  if (works.length > 0) return { writes: removals(works, leaving) };
  return { writes: [update(WorkSet, withoutFinalizer(workSet, finalizer.workSet))], isLast: true };
}

const removals = (works: readonly Stored<Work>[], leaving: Names): Write[] =>
  works
    .filter((work) => !isTerminating(work) && !leaving.has(work.metadata.namespace ?? ''))
    .map((work) => remove(Work, work));

/**
 * With the finalizer that its agent would put on before anything else: one write less for each Work. Not where the agent is
 * out of contact: a Work that it never saw can go at once. DL-10, WK-34
 */
const guarded = (rendered: Work): Work => withFinalizer(rendered, finalizer.work);

function change(existing: Stored<Work>, rendered: Work): Write[] {
  if (isTerminating(existing)) return []; // it comes back when the withdrawal is finished
  const { labels, annotations = {} } = existing.metadata;
  const { [annotation.executeAs]: executor, ...others } = annotations;
  const isExecutor = executor === rendered.metadata.annotations?.[annotation.executeAs];
  // The generation mark alone is no reason to write.
  if (isExecutor && equalParts(existing.spec, rendered.spec)) return [];
  const metadata = {
    ...existing.metadata,
    labels: { ...labels, ...rendered.metadata.labels },
    annotations: { ...others, ...rendered.metadata.annotations },
  };
  return [update(Work, { ...existing, metadata, ...(rendered.spec === undefined ? {} : { spec: rendered.spec }) })];
}

/** What the Works of all clusters have alike. */
interface Common {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: NonNullable<Work['spec']>;
}

function commonOf(workSet: Stored<WorkSet>, defaultExecutor: string | undefined): Common {
  const executor = workSet.spec.executeAs ?? defaultExecutor;
  return {
    name: workNameOf(workSet),
    labels: {
      [label.workSet]: labelValueOf(workSet.metadata.name),
      [label.workSetNamespace]: labelValueOf(workSet.metadata.namespace ?? ''),
    },
    annotations: {
      [annotation.workSetGeneration]: String(workSet.metadata.generation ?? 0),
      ...(executor === undefined ? {} : { [annotation.executeAs]: executor }),
    },
    spec: { workload: { manifests: workSet.spec.workload.manifests.map((manifest) => withPolicy(manifest, workSet)) } },
  };
}

function renderWork({ name, labels, annotations, spec }: Common, clusterName: string): Work {
  return {
    apiVersion: apiVersionOf(Work),
    kind: Work.kind,
    metadata: {
      name,
      namespace: memberNamespaceName(clusterName),
      labels: { ...labels, [label.memberCluster]: labelValueOf(clusterName) },
      annotations,
    },
    spec,
  };
}

/** The WorkSet's typed policy as the annotation that agents read; a manifest's own annotation wins. */
function withPolicy(manifest: Manifest, { spec }: WorkSet): Manifest {
  const annotations = { [policyAnnotation.deletionPolicy]: spec.deletionPolicy, ...manifest.metadata?.annotations };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}
