import { equalValues, goQuote, type JsonObject } from '@quarterdeck/machinery';
import { stringsAt, valueAt, withValue } from '../registry/fields.ts';
import { approvalCondition } from './approval.ts';
import { type CrdCondition, setCondition } from './crd-conditions.ts';
import {
  cleanupFinalizer,
  conditionOf,
  crdCondition,
  crdName,
  groupOf,
  isConditionTrue,
  isTerminating,
  type Names,
  namesAt,
} from './crd-object.ts';

/** What the instances of a terminating CRD look like. */
export type Instances = 'gone' | 'remaining';

/** What is to be done about a CRD next: at most one write. */
export type CrdStep =
  | { readonly type: 'nothing' }
  /** Write this status. */
  | { readonly type: 'status'; readonly crd: JsonObject }
  /** Delete all instances, and look again. */
  | { readonly type: 'deleteInstances' }
  /** Write this metadata: the finalizer is removed. */
  | { readonly type: 'release'; readonly crd: JsonObject };

/**
 * Decides the next step of a CRD's life. Total: a conflict of names is a False condition. KA-95
 *
 *     created -> NamesAccepted=True, Established=False (Installing) -> Established=True (InitialNamesAccepted)
 *             -> NamesAccepted=False (...Conflict) until the other CRD of the group goes
 *     deleted -> Terminating=True (InstanceDeletionInProgress) -> instances deleted
 *             -> Terminating=False (InstanceDeletionCompleted) -> finalizer removed
 *
 * The names are accepted one write before the kind is called established, so that a server that follows CRDs serves the
 * kind by the time a client reads that it is.
 *
 * @param others all other CRDs; those of other groups are ignored
 * @param instances only asked about a terminating CRD that was established; undefined: not looked yet
 */
export function decideCrd(
  crd: JsonObject,
  others: readonly JsonObject[],
  instances: Instances | undefined,
  now: number,
): CrdStep {
  return isTerminating(crd) ? decideEnd(crd, instances, now) : decideLife(crd, others, now);
}

function decideLife(crd: JsonObject, others: readonly JsonObject[], now: number): CrdStep {
  const { names, condition } = acceptNames(crd, others);
  let next = setCondition(withNames(crd, names), condition, now);
  const accepted = condition.status === 'True';
  // Established is never taken back: the kind goes on under the names it was established with.
  if (!isConditionTrue(crd, crdCondition.established)) {
    next = setCondition(next, accepted ? establishing(crd) : notAccepted, now);
  }
  const approval = approvalCondition(crd);
  if (approval !== undefined) next = setCondition(next, approval, now);
  return next === crd ? { type: 'nothing' } : { type: 'status', crd: next };
}

const notAccepted: CrdCondition = {
  type: crdCondition.established,
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
};

function establishing(crd: JsonObject): CrdCondition {
  const seen = isConditionTrue(crd, crdCondition.namesAccepted);
  return {
    type: crdCondition.established,
    status: seen ? 'True' : 'False',
    reason: seen ? 'InitialNamesAccepted' : 'Installing',
    message: 'the initial names have been accepted',
  };
}

/** The accepted names, where they differ from those in the status. */
function withNames(crd: JsonObject, names: Names): JsonObject {
  const { plural, singular, kind, listKind, shortNames, categories } = names;
  const accepted: JsonObject = {
    plural,
    ...(singular === '' ? {} : { singular }),
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    kind,
    ...(listKind === '' ? {} : { listKind }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
  };
  if (equalValues(valueAt(crd, 'status', 'acceptedNames'), accepted)) return crd;
  return withValue(crd, ['status', 'acceptedNames'], accepted);
}

/** Takes each wanted name that no other CRD of the group has; keeps the accepted one otherwise. The last conflict is told. */
function acceptNames(crd: JsonObject, others: readonly JsonObject[]): { names: Names; condition: CrdCondition } {
  const used = usedNames(crd, others);
  const wanted = namesAt(crd, 'spec', 'names');
  const accepted = namesAt(crd, 'status', 'acceptedNames');
  let conflict: { reason: string; message: string } | undefined;
  const take = (key: 'plural' | 'singular' | 'kind' | 'listKind', taken: ReadonlySet<string>, reason: string) => {
    if (wanted[key] === accepted[key] || !taken.has(wanted[key])) return wanted[key];
    conflict = { reason, message: inUse(wanted[key]) };
    return accepted[key];
  };
  const plural = take('plural', used.resources, 'PluralConflict');
  const singular = take('singular', used.resources, 'SingularConflict');
  const clashes = wanted.shortNames.filter((name) => !accepted.shortNames.includes(name) && used.resources.has(name));
  if (clashes.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregate(clashes.map(inUse)) };
  const shortNames = clashes.length > 0 ? accepted.shortNames : wanted.shortNames;
  const kind = take('kind', used.kinds, 'KindConflict');
  const listKind = take('listKind', used.kinds, 'ListKindConflict');
  const names = { plural, singular, kind, listKind, shortNames, categories: wanted.categories };
  const verdict = conflict ?? { reason: 'NoConflicts', message: 'no conflicts found' };
  const status = conflict === undefined ? 'True' : 'False';
  return { names, condition: { type: crdCondition.namesAccepted, status, ...verdict } };
}

const inUse = (name: string) => `${goQuote(name)} is already in use`;
const aggregate = (problems: readonly string[]) =>
  problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;

function usedNames(crd: JsonObject, others: readonly JsonObject[]) {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    if (groupOf(other) !== groupOf(crd) || crdName(other) === crdName(crd)) continue;
    const names = namesAt(other, 'status', 'acceptedNames');
    for (const name of [names.plural, names.singular, ...names.shortNames]) resources.add(name);
    for (const name of [names.kind, names.listKind]) kinds.add(name);
  }
  return { resources, kinds };
}

const terminating = (status: 'True' | 'False', reason: string, message: string): CrdCondition => ({
  type: crdCondition.terminating,
  status,
  reason,
  message,
});

const inProgress = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
const completed = terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
const neverEstablished = terminating('False', 'NeverEstablished', 'resource was never established');

function decideEnd(crd: JsonObject, instances: Instances | undefined, now: number): CrdStep {
  const finalizers = stringsAt(crd, 'metadata', 'finalizers');
  if (!finalizers.includes(cleanupFinalizer)) return { type: 'nothing' };
  const established = isConditionTrue(crd, crdCondition.established);
  if (established && instances !== 'gone') {
    const { reason } = conditionOf(crd, crdCondition.terminating) ?? {};
    // Once they were seen gone the condition says so, and the last look before the finalizer goes must not take it back.
    if (reason === inProgress.reason || reason === completed.reason) return { type: 'deleteInstances' };
    return { type: 'status', crd: setCondition(crd, inProgress, now) };
  }
  const done = setCondition(crd, established ? completed : neverEstablished, now);
  if (done !== crd) return { type: 'status', crd: done };
  const others = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
  const released = withValue(crd, ['metadata', 'finalizers'], others.length === 0 ? undefined : others);
  return { type: 'release', crd: released };
}

/** Whether a decision about this CRD needs to know the names of the others. */
export function needsOthers(crd: JsonObject): boolean {
  if (isTerminating(crd)) return false;
  const accepted = isConditionTrue(crd, crdCondition.namesAccepted);
  return !accepted || !sameNames(namesAt(crd, 'spec', 'names'), namesAt(crd, 'status', 'acceptedNames'));
}

function sameNames(a: Names, b: Names): boolean {
  const value = (names: Names): JsonObject => ({
    ...names,
    shortNames: [...names.shortNames],
    categories: [...names.categories],
  });
  return equalValues(value(a), value(b));
}
