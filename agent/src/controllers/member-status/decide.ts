import {
  ClusterProfileReason,
  type ClusterProperty,
  type Condition,
  type ConditionChange,
  conditionType,
  findCondition,
  formatTime,
  MemberClusterReason,
  type MemberClusterStatus,
  type Node,
  setCondition,
} from '@quarterdeck/apis';
import { beginningOf, type EpochMs, unstorable } from '@quarterdeck/machinery';
import type { IdentityReport } from '../../link/identity.ts';
import { capacityOf, isWorthReporting } from './capacity.ts';
import type { NodeRequests } from './requests.ts';
import { mergeServedKinds, type ServedKinds } from './served-kinds.ts';

/** What is undefined could not be read: the last report stays, it never shrinks. RG-32 */
export interface Seen {
  readonly kubernetesVersion: string | undefined;
  readonly agentVersion: string;
  /** What the agent's own identity is made of. */
  readonly identity: IdentityReport;
  /** Whether the hub takes the agent's tunnel; undefined: not known yet. RG-51 */
  readonly tunnel: boolean | undefined;
  /** Where consumers reach the member by themselves; undefined: they do not. RG-51 */
  readonly api: MemberApi | undefined;
  readonly nodes: readonly Node[] | undefined;
  /** What pods ask for, by node. */
  readonly requests: { readonly byNode: ReadonlyMap<string, NodeRequests>; readonly countedAt: EpochMs } | undefined;
  readonly apis: ServedKinds | undefined;
  readonly properties: readonly ClusterProperty[] | undefined;
  /** Which kind of the agent's the cluster lacks, or has in no version that it reads, and what to do; undefined: none. AB-31 */
  readonly missingKind?: string | undefined;
  readonly health: ControlPlaneHealth;
}

/** The member's own address, for consumers. */
export type MemberApi = NonNullable<NonNullable<MemberClusterStatus['agent']>['api']>;

/** What the member's /readyz said, damped. RG-30 */
export interface ControlPlaneHealth {
  readonly status: 'True' | 'False';
  readonly message: string;
}

export type Report = Omit<MemberClusterStatus, 'conditions'> & { conditions: Condition[] };

/** The agent's share of the MemberCluster's status. Pure and total. RG-32, CI-15 to CI-19 */
export function decide(seen: Seen, before: MemberClusterStatus | undefined, now: EpochMs): Report {
  const { status, message } = seen.health;
  const reason = status === 'True' ? MemberClusterReason.Healthy : MemberClusterReason.Unhealthy;
  const type = conditionType.MemberCluster.ControlPlaneHealthy;
  const health = conditionOf(before, { type, status, reason, message: beginningOf(message, maxMessage) }, now);
  const told = seen.properties === undefined ? lastProperties(before) : mirror(seen.properties, before, now);
  const { properties } = told;
  const complete = seen.missingKind === undefined ? told.complete : [kindMissing(seen.missingKind, before, now)];
  const apis = mergeServedKinds(before?.apis, seen.apis);
  const kubernetes = seen.kubernetesVersion ?? before?.version?.kubernetes;
  return {
    conditions: [health, ...complete],
    agent: agentReport(seen, before?.agent?.tunnel),
    ...(kubernetes === undefined ? {} : { version: { kubernetes } }),
    ...capacity(seen, before, now),
    ...(apis === undefined ? {} : { apis }),
    ...(properties === undefined ? {} : { properties }),
  };
}

function agentReport(
  { agentVersion, identity, tunnel, api }: Seen,
  tunnelBefore: boolean | undefined,
): NonNullable<Report['agent']> {
  const { make, trustedCAs, issuer, expires } = identity;
  return {
    version: agentVersion,
    identity: make === 'token' ? 'Token' : 'Certificate',
    trustedCAs: [...trustedCAs],
    ...(issuer === undefined ? {} : { certificateIssuer: issuer }),
    certificateExpires: expires,
    // Consumers follow it: until more is known, what was told stays. CP-45
    ...((tunnel ?? tunnelBefore) === true ? { tunnel: true } : {}),
    ...(api === undefined ? {} : { api }),
  };
}

const maxMessage = 1024;

/** The one condition, its transition time kept as long as its status. */
function conditionOf(before: MemberClusterStatus | undefined, change: ConditionChange, now: EpochMs): Condition {
  const old = findCondition(before?.conditions, change.type);
  const [condition] = setCondition(old === undefined ? [] : [old], change, now);
  return condition as Condition;
}

/** A count of requests holds for this long: younger ones are told when they differ enough. CI-27 */
const retellMs = 5 * 60_000;

/** What was not read stays as it was told last. RG-32 */
function capacity(
  { nodes, requests }: Pick<Seen, 'nodes' | 'requests'>,
  before: MemberClusterStatus | undefined,
  now: EpochMs,
) {
  if (nodes === undefined) return pick(before, ['nodes', 'capacity', 'allocatable', ...countedFields]);
  const report = capacityOf(nodes, requests?.byNode);
  if (requests === undefined) return { ...report, ...pick(before, countedFields) };
  const told = before?.capacityObservedTime;
  const isFresh = told !== undefined && now - Date.parse(told) < retellMs;
  if (isFresh && !isWorthReporting(before ?? {}, report)) return { ...report, ...pick(before, countedFields) };
  return { ...report, capacityObservedTime: formatTime(requests.countedAt) };
}

const countedFields = ['requested', 'nodeGroups', 'capacityObservedTime'] as const;

function pick<K extends keyof MemberClusterStatus>(
  status: MemberClusterStatus | undefined,
  fields: readonly K[],
): Pick<MemberClusterStatus, K> {
  const entries = fields.flatMap((field) => (status?.[field] === undefined ? [] : [[field, status[field]]]));
  return Object.fromEntries(entries) as Pick<MemberClusterStatus, K>;
}

type Property = NonNullable<MemberClusterStatus['properties']>[number];

interface Mirrored {
  readonly properties: Property[] | undefined;
  /** The condition that says what was left out. */
  readonly complete: Condition[];
}

function lastProperties(before: MemberClusterStatus | undefined): Mirrored {
  const complete = findCondition(before?.conditions, conditionType.MemberCluster.PropertiesComplete);
  return { properties: before?.properties, complete: complete === undefined ? [] : [complete] };
}

/** What a status, and a profile, can hold: characters of a value, and properties. CI-18, AB-34 */
const maxValueLength = 1024;
const maxProperties = 512;
/** Of all values in UTF-8: the most that {@link maxProperties} of one byte a character are. Beyond it servers refuse the object. */
const maxTotalBytes = maxProperties * maxValueLength;

/**
 * Name and value byte for byte; the time moves only with the value. An object without a value counts as absent. What cannot
 * be held is left out, never cut, and named, so that the rest is told. CI-16, CI-18, CI-19, AB-3
 */
function mirror(seen: readonly ClusterProperty[], before: MemberClusterStatus | undefined, now: EpochMs): Mirrored {
  const known = new Map((before?.properties ?? []).map((property) => [property.name, property]));
  const properties: Property[] = [];
  const leftOut = new Map<string, string[]>();
  let room = maxTotalBytes;
  for (const { metadata, spec } of seen.toSorted((a, b) =>
    (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1,
  )) {
    const [name = '', value = ''] = [metadata.name, spec?.value];
    const bytes = Buffer.byteLength(value);
    const problem =
      properties.length === maxProperties ? tooMany : (valueProblem(value) ?? (bytes > room ? tooMuch : undefined));
    if (problem !== undefined) {
      leftOut.set(problem, [...(leftOut.get(problem) ?? []), name]);
      continue;
    }
    room -= bytes;
    const old = known.get(name);
    const lastObservedTime = old?.value === value ? old.lastObservedTime : undefined;
    properties.push({ name, value, lastObservedTime: lastObservedTime ?? formatTime(now) });
  }
  return { properties, complete: [conditionOf(before, completeness(leftOut), now)] };
}

/** Without its kinds an agent does little but this: it keeps nobody in the dark. AB-31 */
function kindMissing(what: string, before: MemberClusterStatus | undefined, now: EpochMs): Condition {
  const type = conditionType.MemberCluster.PropertiesComplete;
  return conditionOf(
    before,
    { type, status: 'False', reason: ClusterProfileReason.KindNotInstalled, message: beginningOf(what, maxMessage) },
    now,
  );
}

const tooMany = `beyond ${maxProperties} properties`;
const tooMuch = `beyond ${maxTotalBytes} bytes of all values`;

function valueProblem(value: string): string | undefined {
  if (value === '') return 'without a value';
  if (value.length > maxValueLength && [...value].length > maxValueLength)
    return `longer than ${maxValueLength} characters`;
  return unstorable(value) === undefined ? undefined : 'with a character that no hub stores';
}

/** @param leftOut by what is wrong with them */
function completeness(leftOut: ReadonlyMap<string, readonly string[]>): ConditionChange {
  const type = conditionType.MemberCluster.PropertiesComplete;
  if (leftOut.size === 0) return { type, status: 'True', reason: ClusterProfileReason.AllMirrored, message: '' };
  const message = [...leftOut].map(([problem, names]) => `${problem}: ${names.join(', ')}`).join('; ');
  return {
    type,
    status: 'False',
    reason: ClusterProfileReason.PropertiesLeftOut,
    message: message.slice(0, maxMessage),
  };
}
