import {
  annotation,
  apiVersionOf,
  type Condition,
  conditionType,
  type DriftReport,
  type Manifest,
  ManifestReason,
  Work,
  type WorkReport,
} from '@quarterdeck/apis';

/** Taking over what runs on a member already: what is asked of the agent, and what its answer means. Pure. DL-4 */

/** One object of the files, as the agent found it on the member. */
export interface FoundObject {
  /** Place in the files. */
  readonly ordinal: number;
  readonly title: string;
  /**
   * Equal: the manifest would change nothing. Differs: it would, in `drift`. Missing: there is no such object. Unclear: the
   * member could not be asked, `message` says why.
   */
  readonly state: 'Equal' | 'Differs' | 'Missing' | 'Unclear';
  readonly drift: DriftReport | undefined;
  readonly message: string;
}

/** Objects beyond those that are equal, which are only taken when asked for. */
export interface AlsoTaken {
  /** What differs is changed to what the files say. */
  readonly differing: boolean;
  /** What is not there is made. */
  readonly missing: boolean;
}

export interface WorkName {
  readonly namespace: string;
  readonly name: string;
}

/** A Work that only asks: the agent compares and writes nothing on the member, whatever the manifests say themselves. DL-2 */
export function question(name: WorkName, manifests: readonly Manifest[]): Work {
  return workWith(
    name,
    { [annotation.applyStrategy]: 'ReportOnly' },
    manifests.map((manifest) => annotated(manifest, annotation.applyStrategy, 'ReportOnly')),
  );
}

export const isQuestion = (work: Work): boolean =>
  work.metadata.annotations?.[annotation.applyStrategy] === 'ReportOnly';

/**
 * The Work that takes over. What is equal is taken only if it still is; what differs is changed when that was asked for. What
 * ran before the Work outlives it, as far as its manifest says nothing else.
 */
export function takingOver(
  name: WorkName,
  manifests: readonly Manifest[],
  found: readonly FoundObject[],
  also: AlsoTaken,
): Work {
  const policies = { [annotation.takeOver]: 'IfEqual', [annotation.deletionPolicy]: 'Orphan' };
  const taken = found.flatMap(({ ordinal, state }) => {
    const manifest = manifests[ordinal];
    if (manifest === undefined || !isTaken(state, also)) return [];
    return [state === 'Differs' ? annotated(manifest, annotation.takeOver, 'Always') : manifest];
  });
  return workWith(name, policies, taken);
}

export function isTaken(state: FoundObject['state'], also: AlsoTaken): boolean {
  switch (state) {
    case 'Equal':
      return true;
    case 'Differs':
      return also.differing;
    case 'Missing':
      return also.missing;
    case 'Unclear':
      return false;
  }
}

/** Whether the agent has answered for this very Work, in status and report. */
export function isAnswered({ metadata, status }: Work, report: WorkReport | undefined): boolean {
  const conditions = status?.conditions ?? [];
  const applied = conditions.find(({ type }) => type === conditionType.Work.Applied);
  return (
    applied?.observedGeneration === metadata.generation &&
    report?.status?.observedWorkGeneration === metadata.generation
  );
}

/** What the agent found, in the order of the files. */
export function foundObjects({ status }: Work, report: WorkReport | undefined): FoundObject[] {
  const drifts = new Map(report?.status?.manifests?.map(({ identifier, drift }) => [identifier.ordinal, drift]));
  return (status?.manifestConditions ?? []).map(({ identifier, conditions }) => {
    const { ordinal, kind = 'object', namespace = '', name = '' } = identifier;
    const title = name === '' ? `manifest ${ordinal}` : `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
    const drift = drifts.get(ordinal);
    const applied = conditions.find(({ type }) => type === conditionType.Work.Applied);
    return { ordinal, title, drift, ...stateOf(applied, drift) };
  });
}

function stateOf(
  applied: Condition | undefined,
  drift: DriftReport | undefined,
): Pick<FoundObject, 'state' | 'message'> {
  if (applied?.reason !== ManifestReason.ReportOnly)
    return { state: 'Unclear', message: applied?.message ?? 'the agent said nothing about it' };
  if (drift?.isMissing === true) return { state: 'Missing', message: 'not on the cluster' };
  const count = drift?.fields?.length ?? 0;
  if (count > 0) return { state: 'Differs', message: `${count} ${count === 1 ? 'field' : 'fields'}` };
  return { state: 'Equal', message: '' };
}

function workWith(
  { namespace, name }: WorkName,
  annotations: Readonly<Record<string, string>>,
  manifests: Manifest[],
): Work {
  return {
    apiVersion: apiVersionOf(Work),
    kind: Work.kind,
    metadata: { namespace, name, annotations },
    spec: { workload: { manifests } },
  };
}

function annotated(manifest: Manifest, name: string, value: string): Manifest {
  const metadata: Readonly<Record<string, unknown>> = manifest.metadata ?? {};
  const annotations = { ...(metadata.annotations as Record<string, unknown> | undefined), [name]: value };
  return { ...manifest, metadata: { ...metadata, annotations } } as Manifest;
}
