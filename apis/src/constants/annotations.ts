/**
 * Policy of a manifest, as an annotation on the embedded manifest or, as a default for all of them, on the Work itself (a
 * WorkSet says some of it in its spec). Which values exist is said by {@link policySyntax}; everything else is refused at
 * admission.
 */
export const policyAnnotation = {
  /** How the object is written. DL-2 */
  applyStrategy: 'quarterdeck.dev/apply-strategy',
  /** What becomes of the object when it is withdrawn. DL-6 */
  deletionPolicy: 'quarterdeck.dev/deletion-policy',
  /** Whether an object that existed before may become ours. DL-4 */
  takeOver: 'quarterdeck.dev/take-over',
  /** What happens when another manager owns a field of the manifest that was never ours. WK-23 */
  fieldConflicts: 'quarterdeck.dev/field-conflicts',
  /** Place in the order of the Work, before the rank of kinds. DL-1 */
  applyWave: 'quarterdeck.dev/apply-wave',
  /** Whether later waves wait for this object. DL-1 */
  waveGate: 'quarterdeck.dev/wave-gate',
  /** Fields of the manifest that are not kept as it says. DL-3 */
  ignoreFields: 'quarterdeck.dev/ignore-fields',
  /** What is done about fields of ours that somebody changed on the member. DL-20, DL-21 */
  driftPolicy: 'quarterdeck.dev/drift-policy',
  /** What counts as drift: changes of our fields, or also what others added. DL-21 */
  driftCompare: 'quarterdeck.dev/drift-compare',
  /** Seconds after which an object that still progresses counts as failed. */
  healthDeadline: 'quarterdeck.dev/health-deadline',
  /** Whether all of a Work is tried without effect before the first object is written. */
  dryRun: 'quarterdeck.dev/dry-run',
  /** Fields of the live object that the WorkReport shows. DL-23 */
  feedbackFields: 'quarterdeck.dev/feedback-fields',
  /** The member's service account that this is done as. DL-30 */
  executeAs: 'quarterdeck.dev/execute-as',
  /** On the manifest of a Secret: the Secret beside the Work, on the hub, whose data it gets on the member. DL-31 */
  secretDataFrom: 'quarterdeck.dev/secret-data-from',
  /** Seconds after which a Work whose Jobs are all complete is deleted. DL-7 */
  removeAfterCompletion: 'quarterdeck.dev/remove-after-completion',
  /**
   * `true` lets drift stand for as long as it is set (break-glass): on a Work, that of all its objects; on an object of the
   * member, that of this object. DL-11
   */
  pauseRepair: 'quarterdeck.dev/pause-repair',
} as const;
export type PolicyAnnotation = (typeof policyAnnotation)[keyof typeof policyAnnotation];

/** What is said of a Work as a whole and cannot be said of one of its manifests. */
export const workOnlyPolicies = [
  policyAnnotation.dryRun,
  policyAnnotation.executeAs,
  policyAnnotation.removeAfterCompletion,
  policyAnnotation.pauseRepair,
] as const;
/** What is said of one manifest and cannot be the default of all. */
export const manifestOnlyPolicies = [policyAnnotation.secretDataFrom] as const;

export type ApplyStrategy = 'ServerSideApply' | 'CreateOnly' | 'ReadOnly' | 'Recreate' | 'ReportOnly';
export type DeletionPolicy = 'Delete' | 'Orphan';
export type TakeOver = 'Never' | 'IfEqual' | 'Always';
export type FieldConflicts = 'Fail' | 'Force';
export type WaveGate = 'None' | 'Healthy';
export type DriftPolicy = 'Repair' | 'Report';
export type DriftCompare = 'Owned' | 'Full';
export type DryRun = 'None' | 'First';

interface PolicySyntax {
  /** What the whole value matches; read alike by JavaScript and by RE2, so by CEL. No single quote. */
  readonly pattern: string;
  /** In words, for the refusal. */
  readonly supported: string;
}

const oneOf = (...values: string[]): PolicySyntax => ({
  pattern: `^(${values.join('|')})$`,
  supported: values.join(', '),
});

/** Items between semicolons or line breaks, with blanks around them; a separator may stand at the end. */
const listOf = (item: string): string =>
  `^[ \\t\\r\\n]*${item}[ \\t\\r]*([;\\n][ \\t\\r\\n]*${item}[ \\t\\r]*)*[;\\n]?[ \\t\\r\\n]*$`;

/** `spec.template.spec.containers[name=app].image`, `metadata.annotations["a.b/c"]` */
const fieldPathPattern = '\\.?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+|\\[[^\\];\\n]+\\])*';

/** The values that exist, by annotation. */
export const policySyntax: Readonly<Record<PolicyAnnotation, PolicySyntax>> = {
  'quarterdeck.dev/apply-strategy': oneOf('ServerSideApply', 'CreateOnly', 'ReadOnly', 'Recreate', 'ReportOnly'),
  'quarterdeck.dev/deletion-policy': oneOf('Delete', 'Orphan'),
  'quarterdeck.dev/take-over': oneOf('Never', 'IfEqual', 'Always'),
  'quarterdeck.dev/field-conflicts': oneOf('Fail', 'Force'),
  'quarterdeck.dev/apply-wave': { pattern: '^-?[0-9]{1,6}$', supported: 'an integer of at most six digits' },
  'quarterdeck.dev/wave-gate': oneOf('None', 'Healthy'),
  'quarterdeck.dev/ignore-fields': {
    pattern: listOf(`${fieldPathPattern}(:(Never|AtCreation|OnChange))?`),
    supported: 'field paths between semicolons, each with :Never, :AtCreation or :OnChange after it or nothing',
  },
  'quarterdeck.dev/drift-policy': oneOf('Repair', 'Report'),
  'quarterdeck.dev/drift-compare': oneOf('Owned', 'Full'),
  'quarterdeck.dev/health-deadline': { pattern: '^[1-9][0-9]{0,6}$', supported: 'a number of seconds from 1' },
  'quarterdeck.dev/dry-run': oneOf('None', 'First'),
  'quarterdeck.dev/feedback-fields': {
    pattern: listOf('[A-Za-z][A-Za-z0-9_-]{0,62}=(\\.|cel:)[^;\\n]*[^; \\t\\r\\n]'),
    supported: 'name=.json.path or name=cel:expression between semicolons',
  },
  'quarterdeck.dev/execute-as': {
    pattern: '^[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9.-]{0,252}$',
    supported: 'namespace/name of a service account of the member',
  },
  'quarterdeck.dev/secret-data-from': {
    pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
    supported: 'name of a Secret in the namespace of the Work',
  },
  'quarterdeck.dev/remove-after-completion': {
    pattern: '^(0|[1-9][0-9]{0,8})$',
    supported: 'a number of seconds from 0',
  },
  'quarterdeck.dev/pause-repair': oneOf('true', 'false'),
};

const patterns = new Map(
  Object.entries(policySyntax).map(([name, { pattern }]): [string, RegExp] => [name, new RegExp(pattern, 'u')]),
);

/** Whether a policy annotation may have this value. */
export const isPolicyValue = (name: PolicyAnnotation, value: string): boolean =>
  patterns.get(name)?.test(value) === true;

export const annotation = {
  ...policyAnnotation,
  /** On a member's namespace: uid of the hub, from which names of ownership on the member derive. RG-9 */
  hubUID: 'quarterdeck.dev/hub-uid',
  /** On a MemberCluster: what let the cluster ask, `token/ID` or `AcceptanceRule/NAME`; the hub made it. Absent: a person did. RG-5 */
  requestedBy: 'quarterdeck.dev/requested-by',
  /** On a MemberCluster: what accepted the cluster, `token/ID` or `AcceptanceRule/NAME`. Absent: a person did. RG-3 */
  acceptedBy: 'quarterdeck.dev/accepted-by',
  /** On a MemberCluster: `true` confirms that it is lost, while much of the fleet vanished with it; gone when it is back. RG-31 */
  confirmLost: 'quarterdeck.dev/confirm-lost',
  /** On a MemberCluster that leaves: `true` removes it without waiting for its agent. RG-41 */
  forceRemoval: 'quarterdeck.dev/force-removal',
  /** On a MemberCluster: the kube-system uid of another cluster, which may take this name over once. RG-4 */
  replaceBy: 'quarterdeck.dev/replace-by',
  /** On a Work: 0 to 100; when the member leaves, Works of a lower number go first. Default 0. RG-42 */
  cleanupPriority: 'quarterdeck.dev/cleanup-priority',
  /** On Works: the generation of the WorkSet they were rendered from. */
  workSetGeneration: 'quarterdeck.dev/workset-generation',
  /** On Placements: asks once, by a new value (a time), for a fresh choice that ignores steadiness. PL-24 */
  rescheduleAt: 'quarterdeck.dev/reschedule-at',
  /** On PlacementDecisions: how many copies each entry was counted on for, in the order of the entries: `3,2`. PL-16 */
  decisionCopies: 'quarterdeck.dev/decision-copies',
  /** On applied objects: hash of the manifest as it was last applied. */
  manifestHash: 'quarterdeck.dev/manifest-hash',
  /** On applied objects: hash of the values that are sent again when they change on the hub. DL-3 */
  onChangeHash: 'quarterdeck.dev/on-change-hash',
  /** On an AppliedWork: since when its Work is missing from the hub. RFC 3339. DL-8 */
  workMissingSince: 'quarterdeck.dev/work-missing-since',
  /**
   * On a Namespace of the hub: `namespace/name` of the service account of members that Works and WorkSets of this namespace are
   * executed as when they name none. The hub copies that of a member's namespace to the MemberCluster, for its agent. DL-30
   */
  defaultExecutor: 'quarterdeck.dev/default-executor',
  /**
   * On a MemberCluster: which history the hub's data is of, and, where the hub came back from a backup since the member came,
   * when: `epoch` or `epoch time`. RG-10
   */
  hubEpoch: 'quarterdeck.dev/hub-epoch',
  /** On an AppliedWork: repairs that the hub has not heard of, as JSON. DL-21 */
  untoldRepairs: 'quarterdeck.dev/untold-repairs',
  /** On a WorkReport: what the events of its Work have told of it: `generation status-of-Applied Degraded|AsDesired`. DL-23 */
  toldOutcome: 'quarterdeck.dev/told-outcome',
  /** On an AppliedWork: `uid generation time epoch revision` of the newest Work that was delivered. RG-10 */
  deliveredGeneration: 'quarterdeck.dev/delivered-generation',
  /** On a MemberCluster: `time epoch` of the word that the hub, restored from a backup, is to be followed. RG-10 */
  restoreConfirmed: 'quarterdeck.dev/restore-confirmed',
  /** On an AppliedWork: `kind.group/namespace/name=hash` of the jobs that completed, one a line. DL-7 */
  completedJobs: 'quarterdeck.dev/completed-jobs',
} as const;
