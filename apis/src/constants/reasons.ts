import type { ConditionStatus } from '../meta/object.ts';

interface Reason {
  /** Condition types that carry it. */
  readonly on: readonly string[];
  /** The status it comes with. */
  readonly status: ConditionStatus;
  /** For docs/reasons.md. */
  readonly means: string;
}

/** The constants of one kind, `{ NoBinding: 'NoBinding', ... }`, so that a reason is written once. */
const namesOf = <const R extends Record<string, Reason>>(reasons: R): { readonly [Name in keyof R]: Name } =>
  Object.freeze(Object.fromEntries(Object.keys(reasons).map((name) => [name, name]))) as {
    readonly [Name in keyof R]: Name;
  };

const memberCluster = {
  Accepted: { on: ['Accepted'], status: 'True', means: 'spec.acceptance is Accepted.' },
  AcceptancePending: { on: ['Accepted'], status: 'False', means: 'Nobody, and no rule, has decided yet.' },
  Denied: { on: ['Accepted', 'Joined'], status: 'False', means: 'spec.acceptance is Denied; the agent is cut off.' },
  Joined: {
    on: ['Joined'],
    status: 'True',
    means: 'The agent holds a certificate or token of its own and has used it.',
  },
  AwaitingAcceptance: { on: ['Joined'], status: 'False', means: 'The cluster asked to join and is not accepted yet.' },
  AwaitingAgent: {
    on: ['Joined'],
    status: 'False',
    means: 'Accepted; the agent has not yet renewed its Lease with a certificate or token of its own.',
  },
  CertificateNotIssued: {
    on: ['Joined'],
    status: 'False',
    means:
      'The request of the agent is approved, and nothing signs it: the hub issues no client certificates. See `quarterdeck hub --agent-identity token`.',
  },
  TokenNotUsed: {
    on: ['Joined'],
    status: 'False',
    means:
      'The agent may ask for a token of its service account, and was not heard of with one: it may have stopped, or the hub gives none.',
  },
  NamespaceConflict: {
    on: ['Joined'],
    status: 'False',
    means: 'A namespace with the name that the member needs exists and belongs to something else.',
  },
  Available: { on: ['Available'], status: 'True', means: 'The Lease is current and the control plane is healthy.' },
  ControlPlaneNotHealthy: {
    on: ['Available'],
    status: 'False',
    means: 'The agent reports, and says that the control plane of its cluster is not healthy.',
  },
  NotJoined: { on: ['Available', 'HubLeaseCurrent'], status: 'False', means: 'The cluster has not joined.' },
  LeaseExpired: {
    on: ['Available', 'ControlPlaneHealthy'],
    status: 'Unknown',
    means: 'The hub has lost contact: the Lease was not renewed in time. Last values are kept.',
  },
  Healthy: { on: ['ControlPlaneHealthy'], status: 'True', means: 'The API server of the member answers as healthy.' },
  Unhealthy: {
    on: ['ControlPlaneHealthy'],
    status: 'False',
    means: 'The API server of the member fails its health checks.',
  },
  NotReported: {
    on: ['ControlPlaneHealthy', 'Available', 'quarterdeck.dev/PropertiesComplete'],
    status: 'Unknown',
    means: 'The agent has not reported yet.',
  },
  LeaseRenewed: {
    on: ['HubLeaseCurrent'],
    status: 'True',
    means: 'The Lease was renewed in time, by the clock of the hub.',
  },
  LeaseNotRenewed: { on: ['HubLeaseCurrent'], status: 'False', means: 'The Lease was not renewed in time.' },
  ClosingToPlacement: {
    on: ['Leaving'],
    status: 'True',
    means: 'The cluster leaves the fleet. Its profiles go first, so that no placement chooses it any more.',
  },
  WithdrawingWorks: {
    on: ['Leaving'],
    status: 'True',
    means: 'The agent lets go of the Works, as spec.deletionPolicy says; the message tells what is awaited.',
  },
  RemovingAccess: {
    on: ['Leaving'],
    status: 'True',
    means: 'No Work is left; the rights of the agent, then the namespace of the member, are being deleted.',
  },
  RemovedByForce: {
    on: ['Leaving'],
    status: 'True',
    means: 'The Works are gone without the agent; the message lists what may be left on the cluster.',
  },
  InClusterSet: { on: ['InClusterSet'], status: 'True', means: 'The cluster is a member of its ClusterSet.' },
  NextClusterSetNotFound: {
    on: ['InClusterSet'],
    status: 'True',
    means:
      'There is no ClusterSet of the name in spec.clusterSet: the cluster stays in the one it was in, and no placement chooses it anew.',
  },
  ClusterSetNotFound: {
    on: ['InClusterSet'],
    status: 'False',
    means: 'There is no ClusterSet of the name that the cluster is registered in.',
  },
  NoClusterId: {
    on: ['InClusterSet'],
    status: 'False',
    means: 'The member has not reported the ClusterProperty that is its id in the set.',
  },
  InvalidClusterId: { on: ['InClusterSet'], status: 'False', means: 'The id of the member is no DNS label.' },
  ClusterIdChanged: {
    on: ['InClusterSet'],
    status: 'False',
    means: 'The member reports another id than it joined the set with: it leaves, and joins again with the new one.',
  },
  DuplicateClusterId: { on: ['InClusterSet'], status: 'False', means: 'Another member of the set has the same id.' },
  ClockAgrees: { on: ['ClockInSync'], status: 'True', means: "The member's clock agrees with the hub's." },
  ClockDiffers: {
    on: ['ClockInSync'],
    status: 'False',
    means: "The member's clock differs from the hub's by more than 10 s; nothing follows from it, but times mislead.",
  },
  OneAgent: {
    on: ['OneAgent'],
    status: 'True',
    means: 'One agent speaks for the cluster; a second one was there before.',
  },
  SecondAgent: {
    on: ['OneAgent'],
    status: 'False',
    means:
      'A second agent of the cluster runs under the same identity and waits; the message names it. One of them should be stopped.',
  },
  HubRestored: {
    on: ['FollowsHub'],
    status: 'False',
    means:
      'The data of the hub came back from a backup: the agent takes nothing off its cluster, and follows no older Work, before `quarterdeck hub confirm-restore`.',
  },
  RestoreConfirmed: {
    on: ['FollowsHub'],
    status: 'True',
    means: 'The hub came back from a backup, and somebody has said that it is to be followed.',
  },
} as const satisfies Record<string, Reason>;

/** The agent says it on the MemberCluster, the hub copies it to the profile. */
const properties = {
  AllMirrored: {
    on: ['quarterdeck.dev/PropertiesComplete'],
    status: 'True',
    means: 'Every ClusterProperty of the member stands in the profile.',
  },
  PropertiesLeftOut: {
    on: ['quarterdeck.dev/PropertiesComplete'],
    status: 'False',
    means: 'Some ClusterProperty cannot stand in a profile (its value is too long); the message names them.',
  },
  KindNotInstalled: {
    on: ['quarterdeck.dev/PropertiesComplete'],
    status: 'False',
    means:
      'The cluster lacks a kind that its agent needs and may not install, or serves it in no version that the agent reads; the message says which.',
  },
} as const satisfies Record<string, Reason>;

/** Of profiles alone. */
const profile = {
  ClusterSetAgrees: {
    on: ['quarterdeck.dev/ClusterSetConsistent'],
    status: 'True',
    means: 'The member says to be of the set whose namespace holds the profile.',
  },
  ClusterSetDiffers: {
    on: ['quarterdeck.dev/ClusterSetConsistent'],
    status: 'False',
    means: 'The member says to be of another set; it is not to be used as one of this set.',
  },
  ClusterSetNotReported: {
    on: ['quarterdeck.dev/ClusterSetConsistent'],
    status: 'Unknown',
    means: 'The member has not reported a ClusterSet.',
  },
} as const satisfies Record<string, Reason>;

const clusterSet = {
  Ready: { on: ['Ready'], status: 'True', means: 'The namespace of the set exists and its profiles are published.' },
  NamespaceConflict: {
    on: ['Ready'],
    status: 'False',
    means:
      'A namespace with the name that the set needs exists and belongs to something else, or its set labels differ.',
  },
  ProfileNamespaceNotFound: {
    on: ['Ready'],
    status: 'False',
    means: 'A namespace of spec.profileNamespaces does not exist; the others are served.',
  },
  MembersRemain: {
    on: ['Ready'],
    status: 'False',
    means: 'The set is being deleted and waits for its members to leave.',
  },
  BeingDeleted: {
    on: ['Ready'],
    status: 'False',
    means: 'The set is being deleted and has no members; the message tells what of it is still to go.',
  },
} as const satisfies Record<string, Reason>;

const clusterSetBinding = {
  Bound: { on: ['Bound'], status: 'True', means: 'The set exists; placements of this namespace may choose from it.' },
  ClusterSetNotFound: {
    on: ['Bound'],
    status: 'False',
    means: 'There is no ClusterSet of this name; nothing is chosen from it until there is.',
  },
  ClusterSetRemoved: {
    on: ['Bound'],
    status: 'False',
    means:
      'The ClusterSet was there and is no more: what placements have chosen from it stays, and they choose nothing more. Make it again, or delete the binding.',
  },
  ClusterSetTerminating: { on: ['Bound'], status: 'False', means: 'The set is being deleted.' },
} as const satisfies Record<string, Reason>;

const placement = {
  Scheduled: { on: ['Scheduled'], status: 'True', means: 'The decision is that of the current spec and fleet.' },
  SchedulingFailed: {
    on: ['Scheduled'],
    status: 'False',
    means: 'No decision could be made or written; the last one stands untouched.',
  },
  Suspended: {
    on: ['Scheduled'],
    status: 'False',
    means: 'spec.suspend is true: the last decision stands, whatever happens.',
  },
  HeldByBrake: {
    on: ['Scheduled'],
    status: 'False',
    means: 'So much of the fleet is out of contact at once that nothing follows from loss; the decision stands.',
  },
  RelationCycle: {
    on: ['Scheduled'],
    status: 'False',
    means:
      'Placements wait for each other in spec.placementAffinity; the message names them. The last decision stands.',
  },
  SearchBoundReached: {
    on: ['Scheduled'],
    status: 'False',
    means:
      'The spread constraints are too many to search all of the fleet; the decision stands, or is the best that was found.',
  },
  Satisfied: { on: ['Satisfied'], status: 'True', means: 'As many clusters are chosen as asked.' },
  NoBinding: { on: ['Satisfied'], status: 'False', means: 'No ClusterSet is bound in this namespace.' },
  ClusterSetNotBound: {
    on: ['Satisfied'],
    status: 'False',
    means: 'A set named in spec.clusterSets is not bound in this namespace.',
  },
  ClusterSetsEmpty: { on: ['Satisfied'], status: 'False', means: 'The bound sets have no accepted member.' },
  NoClusterMatches: {
    on: ['Satisfied'],
    status: 'False',
    means: 'The sets have members, and none of them is suitable.',
  },
  NotEnoughClusters: {
    on: ['Satisfied'],
    status: 'False',
    means: 'Fewer clusters are suitable than asked; those are chosen.',
  },
  SpreadUnsatisfiable: {
    on: ['Satisfied'],
    status: 'False',
    means: 'The hard spread constraints allow fewer clusters than asked; the largest set they allow is chosen.',
  },
  InsufficientCapacity: {
    on: ['Satisfied'],
    status: 'False',
    means: 'The chosen clusters together have no room for the copies asked for.',
  },
} as const satisfies Record<string, Reason>;

const workSet = {
  AllApplied: {
    on: ['Applied'],
    status: 'True',
    means: 'Every cluster of the decision reports the current manifests as applied.',
  },
  NotAllApplied: { on: ['Applied'], status: 'False', means: 'Some cluster has not yet reported them.' },
  ApplyFailed: { on: ['Applied'], status: 'False', means: 'Some cluster reports a failure; the problems name it.' },
  AllAvailable: {
    on: ['Available'],
    status: 'True',
    means: 'Every cluster reports the current manifests as available.',
  },
  NotAllAvailable: { on: ['Available'], status: 'False', means: 'Some cluster does not, or not any more.' },
  NoClusters: {
    on: ['Applied', 'Available'],
    status: 'True',
    means: 'The decision holds no cluster: nothing is to be delivered.',
  },
  PlacementNotFound: {
    on: ['Applied', 'Available', 'Progressing'],
    status: 'Unknown',
    means: 'There is no Placement of this name. What is delivered stays.',
  },
  NoDecision: {
    on: ['Applied', 'Available', 'Progressing'],
    status: 'Unknown',
    means: 'The Placement has no decision yet. What is delivered stays.',
  },
  Delivering: { on: ['Progressing'], status: 'True', means: 'Works are being written, applied or withdrawn.' },
  Settled: { on: ['Progressing'], status: 'False', means: 'Every cluster has reported on the current manifests.' },
  Suspended: {
    on: ['Applied'],
    status: 'False',
    means: 'Delivery to some cluster is suspended: what it has stays as it is.',
  },
  WorkConflict: {
    on: ['Applied'],
    status: 'False',
    means: 'A Work of the name that is needed exists and was made by something else; it is left alone.',
  },
  ClusterProfileNotFound: {
    on: ['Applied'],
    status: 'False',
    means: 'A chosen cluster has no ClusterProfile (any more): nothing new is delivered, what runs there stays.',
  },
} as const satisfies Record<string, Reason>;

const work = {
  AppliedWorkComplete: { on: ['Applied'], status: 'True', means: 'Every manifest is applied.' },
  AppliedWorkFailed: { on: ['Applied'], status: 'False', means: 'Some manifest is not; its own condition says why.' },
  ResourcesAvailable: {
    on: ['Available'],
    status: 'True',
    means: 'Every object exists and is ready by the rules of its kind.',
  },
  ResourcesNotAvailable: { on: ['Available'], status: 'False', means: 'Some object does not exist or is not ready.' },
  Applying: {
    on: ['Progressing'],
    status: 'True',
    means: 'The current manifests are not all settled on the member yet.',
  },
  Withdrawing: {
    on: ['Progressing'],
    status: 'True',
    means: 'The Work is being deleted; the message names what is left.',
  },
  Settled: { on: ['Progressing'], status: 'False', means: 'Every manifest of this generation was handled.' },
  ResourcesDegraded: { on: ['Degraded'], status: 'True', means: 'Some applied object reports a failure.' },
  AsDesired: { on: ['Degraded'], status: 'False', means: 'No applied object reports a failure.' },
  AllComplete: {
    on: ['Complete'],
    status: 'True',
    means:
      'Every Job and Pod of it has ended well, and the rest is there; it is removed when the time it asked for is over.',
  },
  NotComplete: { on: ['Complete'], status: 'False', means: 'Some object is not complete, or never will be.' },
  AgentUnreachable: {
    on: ['Applied', 'Available', 'Progressing', 'Degraded', 'Complete'],
    status: 'Unknown',
    means: 'Written by the hub when the member is lost; the manifest conditions stay as the agent left them.',
  },
} as const satisfies Record<string, Reason>;

const manifest = {
  AppliedManifestComplete: { on: ['Applied'], status: 'True', means: 'The member accepted the manifest.' },
  AppliedManifestFailed: {
    on: ['Applied'],
    status: 'False',
    means: 'The member refused it; the message is its answer.',
  },
  InvalidManifest: {
    on: ['Applied'],
    status: 'False',
    means:
      'Refused before the member was asked: apiVersion, kind, name or namespace missing, generateName, a duplicate, or a policy annotation that is not valid.',
  },
  UnknownKind: { on: ['Applied'], status: 'False', means: 'The member does not serve this kind; it is tried again.' },
  SecretUnavailable: {
    on: ['Applied'],
    status: 'False',
    means:
      'The Secret on the hub that the manifest refers to is not there, or cannot be read; what stands on the member stays.',
  },
  FieldConflict: {
    on: ['Applied'],
    status: 'False',
    means: 'Another field manager owns fields that the manifest sets; the message names it.',
  },
  ResourceNotOwned: {
    on: ['Applied'],
    status: 'False',
    means: 'The object existed before and is not ours; it is left untouched.',
  },
  WaitingForWave: {
    on: ['Applied'],
    status: 'False',
    means: 'An earlier wave holds a manifest that must be healthy first; the message names it.',
  },
  HubRestored: {
    on: ['Applied'],
    status: 'False',
    means:
      'The hub holds an older Work than the one that was delivered; what differs waits for `quarterdeck hub confirm-restore`.',
  },
  DryRunFailed: {
    on: ['Applied'],
    status: 'False',
    means: 'The Work is tried as a whole before it is written, and another manifest of it would fail.',
  },
  ReportOnly: {
    on: ['Applied'],
    status: 'False',
    means: 'By its strategy nothing is written; the WorkReport says what would change.',
  },
  Recreating: {
    on: ['Applied'],
    status: 'False',
    means: 'A field of it cannot be changed; by its strategy the object is deleted and made anew.',
  },
  RefusedToExecutor: {
    on: ['Applied'],
    status: 'False',
    means:
      'The member refused it to the identity that the Work is executed as; the message names the right that is missing.',
  },
  ConflictingWork: { on: ['Applied'], status: 'False', means: 'Another Work owns the object with other content.' },
  ResourceAvailable: {
    on: ['Available'],
    status: 'True',
    means: 'The object exists and is ready by the rules of its kind.',
  },
  ResourceNotAvailable: { on: ['Available'], status: 'False', means: 'The object exists and is not ready.' },
  ResourceMissing: { on: ['Available'], status: 'False', means: 'The object does not exist on the member.' },
  ResourceDegraded: { on: ['Degraded'], status: 'True', means: 'The object reports a failure.' },
  ResourceAsDesired: { on: ['Degraded'], status: 'False', means: 'The object reports no failure.' },
} as const satisfies Record<string, Reason>;

const workReport = {
  Complete: { on: ['Complete'], status: 'True', means: 'The report holds all that was seen.' },
  Trimmed: {
    on: ['Complete'],
    status: 'False',
    means: 'The report was too large for one object: fields of drift, then messages, were left out.',
  },
  FieldsRead: { on: ['FieldsRead'], status: 'True', means: 'Every field that was asked for was read.' },
  FieldsUnread: {
    on: ['FieldsRead'],
    status: 'False',
    means: 'Some fields that were asked for could not be read; the message names the first. What was read last stands.',
  },
} as const satisfies Record<string, Reason>;

const healthRule = {
  Readable: { on: ['Readable'], status: 'True', means: 'Every expression and path of it can be read.' },
  Unreadable: {
    on: ['Readable'],
    status: 'False',
    means:
      'An expression or path of it cannot be read; the message names it. Where that is of a state, objects of its kind are Unknown.',
  },
} as const satisfies Record<string, Reason>;

export const MemberClusterReason = namesOf(memberCluster);
export const ClusterProfileReason = { ...namesOf(properties), ...namesOf(profile) } as const;
export const ClusterSetReason = namesOf(clusterSet);
export const ClusterSetBindingReason = namesOf(clusterSetBinding);
export const PlacementReason = namesOf(placement);
export const WorkSetReason = namesOf(workSet);
export const WorkReason = namesOf(work);
export const ManifestReason = namesOf(manifest);
export const WorkReportReason = namesOf(workReport);
export const HealthRuleReason = namesOf(healthRule);

/** The `reason` word of each entry of a decision. PL-30 */
export const DecisionReason = {
  Chosen: 'Chosen',
  Kept: 'Kept',
  KeptUnreachable: 'KeptUnreachable',
  KeptTainted: 'KeptTainted',
} as const;

/** Conditions of a profile are copies of the MemberCluster's, with their reasons. */
const copied = ['Joined', 'ControlPlaneHealthy', 'quarterdeck.dev/PropertiesComplete'];
const copiedToProfile = Object.fromEntries(
  Object.entries(memberCluster as Record<string, Reason>)
    .map(([name, { on, ...reason }]): [string, Reason] => [
      name,
      { ...reason, on: on.filter((type) => copied.includes(type)) },
    ])
    .filter(([, { on }]) => on.length > 0),
);

/** Every reason that a condition of ours can carry, by kind, for docs/reasons.md and its test. */
export const reasonRegistry: Readonly<Record<string, Readonly<Record<string, Reason>>>> = {
  MemberCluster: { ...memberCluster, ...properties },
  ClusterProfile: { ...copiedToProfile, ...properties, ...profile },
  ClusterSet: clusterSet,
  ClusterSetBinding: clusterSetBinding,
  Placement: placement,
  WorkSet: workSet,
  Work: work,
  Manifest: manifest,
  WorkReport: workReport,
  HealthRule: healthRule,
};
