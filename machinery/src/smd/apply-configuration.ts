import type { StructuralSchema } from '../schema/structural.ts';
import { equalValues, getOwn, isJsonObject, type JsonObject } from '../wire/value.ts';
import { type Claim, claimsOf, claimsOutside, type FieldConflict, fieldConflicts } from './conflicts.ts';
import { recursiveDifference } from './field-set.ts';
import { fieldsOfLastApplied, syncLastApplied } from './last-applied.ts';
import { mergeObjects } from './merge.ts';
import { equalInSubstance, type ResetPaths, resetFieldsOf, withoutNeverOwned } from './never-owned.ts';
import { keepManagedFieldsOfNoOp } from './no-op.ts';
import {
  decodeOwners,
  encodeOwners,
  managedFieldsOf,
  type Owner,
  type OwnerId,
  type Owners,
  ownerId,
  wholeSeconds,
  withFields,
  withManagedFields,
} from './owners.ts';
import { currentOwners, shiftOwnership } from './ownership.ts';
import { pruneFormerFields } from './prune.ts';
import { SmdError } from './smd-error.ts';
import { quote } from './text.ts';
import { toFieldSet } from './to-field-set.ts';
import { updateOwners } from './track-update.ts';
import { configurationProblems } from './validate.ts';
import { type Converter, createConverter, type Versions } from './versions.ts';

/** One server-side apply request. KA-71 */
export interface ApplyConfigurationInput {
  /** The stored object with its managedFields; undefined when the apply creates it. */
  readonly live: JsonObject | undefined;
  /** What is there before anything is said; nobody owns it, whoever comes first. Default: nothing. */
  readonly blank?: JsonObject | undefined;
  /** The applied configuration as decoded, without defaults. */
  readonly config: JsonObject;
  /** Of the request's API version, with the object frame. */
  readonly schema: StructuralSchema;
  /** The field manager. KA-71 */
  readonly manager: string;
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  /** Default: none, the object itself. */
  readonly subresource?: string | undefined;
  /** Take over what others own. Default false. */
  readonly force?: boolean | undefined;
  /** A Time; cut to whole seconds. */
  readonly now: string;
  /** Paths that this request has no say in: it does not own what is below. Default: none. KA-73 */
  readonly resetPaths?: ResetPaths | undefined;
  /** Default: the object looks the same in every version. KA-79 */
  readonly versions?: Versions | undefined;
}

/** The merged object, not defaulted yet, with its managedFields; or all conflicts, at least one. */
export type ApplyResult = { object: JsonObject; conflicts?: never } | { object?: never; conflicts: FieldConflict[] };

/**
 * Server-side apply (KA-71 to KA-79): merges a configuration into the live object, removes what this manager applied
 * before and now leaves out unless another owns it, and keeps managedFields true. Pure: neither argument is mutated, and
 * the result shares structure with both. Defaults are the caller's to fill afterwards, which leaves them unowned.
 *
 * Fields below `resetPaths` are merged but not owned; the caller puts back their live values.
 *
 * @returns conflicts when others own fields that would change, unless forced. An apply that changes nothing returns the
 *   live managedFields exactly
 * @throws SmdError when the configuration does not fit the schema, is of another API version, or says managedFields
 */
export function applyConfiguration(input: ApplyConfigurationInput): ApplyResult {
  const converter = createConverter(input.apiVersion, input.schema, input.versions);
  const request = prepare(input, converter);
  const outcome = merge(request, input.force === true);
  if ('owners' in outcome) return { object: finish(request, outcome) };
  if (input.manager !== clientSideManager) return { conflicts: fieldConflicts(outcome.claims) };

  const allowed = fieldsOfLastApplied({ object: request.live, apiVersion: input.apiVersion, shape: converter.shape });
  const left = allowed === undefined ? outcome.claims : claimsOutside(outcome.claims, allowed);
  if (left.length > 0) return { conflicts: fieldConflicts(left) };
  const forced = merge(request, true);
  return 'owners' in forced ? { object: finish(request, forced) } : { conflicts: fieldConflicts(forced.claims) };
}

/** Under this name kubectl applied on the client's side, and goes on to apply on the server's. KA-78 */
const clientSideManager = 'kubectl';

interface Request {
  readonly input: ApplyConfigurationInput;
  readonly converter: Converter;
  /** Without managedFields. */
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly owners: Owners;
}

function prepare(input: ApplyConfigurationInput, converter: Converter): Request {
  const config = withoutNullCreation(input.config);
  const problems = [...requestProblems(input), ...configurationProblems(config, converter.shape)];
  if (problems.length > 0) throw new SmdError(problems);
  const live = withManagedFields(input.live ?? {}, undefined);
  return { input, converter, config, live, owners: startingOwners(input, live, converter) };
}

function requestProblems({ config, apiVersion }: ApplyConfigurationInput): { field: string; message: string }[] {
  const sent = managedFieldsOf(config);
  if (sent !== undefined && sent !== null) return [{ field: '', message: 'metadata.managedFields must be nil' }];
  const version = getOwn(config, 'apiVersion');
  if (version === apiVersion) return [];
  const found = typeof version === 'string' ? quote(version) : 'none';
  return [
    {
      field: '.apiVersion',
      message: `the applied configuration is in version ${found}, the request in ${quote(apiVersion)}`,
    },
  ];
}

/** Tools that print typed objects leave an unset creation time as null, which is not meant as a value. KA-51 */
function withoutNullCreation(config: JsonObject): JsonObject {
  const metadata = getOwn(config, 'metadata');
  if (metadata === undefined || !isJsonObject(metadata) || getOwn(metadata, 'creationTimestamp') !== null)
    return config;
  const { creationTimestamp: _, ...rest } = metadata;
  return { ...config, metadata: rest };
}

/** An object that nobody tracked so far is given to one manager, so that others can see what was there before. KA-77 */
function startingOwners(input: ApplyConfigurationInput, live: JsonObject, converter: Converter): Owners {
  const owners = decodeOwners(managedFieldsOf(input.live));
  if (!(owners instanceof Error) && owners.size > 0) return owners;
  if (input.live === undefined) return new Map();
  const { config: _, force: __, ...common } = input;
  return updateOwners({ ...common, live: undefined, next: live, manager: 'before-first-apply' }, new Map(), converter);
}

interface Merged {
  readonly object: JsonObject;
  readonly owners: Map<OwnerId, Owner>;
  readonly id: OwnerId;
}

function merge(request: Request, force: boolean): Merged | { claims: Claim[] } {
  const { input, converter, live, config } = request;
  const { apiVersion, shape } = converter;
  const before = { object: live, apiVersion, shape };
  const resetFields = resetFieldsOf(input.resetPaths);
  const owners = currentOwners(request.owners, converter);

  const fields = recursiveDifference(toFieldSet(config, shape), resetFields);
  const applier: Owner = {
    manager: input.manager === '' ? 'unknown' : input.manager,
    operation: 'Apply',
    apiVersion,
    subresource: input.subresource ?? '',
    fields,
  };
  const id = ownerId(applier);
  const last = owners.get(id);
  owners.set(id, last?.time === undefined ? applier : { ...applier, time: last.time });

  const merged = { object: mergeObjects(live, config, shape), apiVersion, shape };
  const pruned = pruneFormerFields({ merged, last, applied: fields, owners, converter });
  // Pruning leaves null or nothing for a container that it empties, even where the configuration has it empty. There
  // Kubernetes needs a second apply to put it back; here it stays, so that the same apply again changes nothing.
  const after = pruned === merged ? merged : { ...pruned, object: mergeObjects(pruned.object, config, shape) };
  const shift = shiftOwnership({ before, after, owners, actor: id, resetFields, converter });
  if (!force && shift.claims.size > 0) return { claims: claimsOf(shift.claims) };
  return { object: after.object, owners: shift.owners, id };
}

function finish(request: Request, { object, owners, id }: Merged): JsonObject {
  const { input, config } = request;
  const applier = owners.get(id);
  if (applier !== undefined) {
    const time = timeOf(request, applier, object);
    const stamped = time === undefined ? applier : { ...applier, time };
    withFields(owners, stamped, withoutNeverOwned(applier.fields));
  }
  const managed = withManagedFields(object, encodeOwners(owners));
  const result = input.manager === clientSideManager ? syncLastApplied(managed, config) : managed;
  return input.live === undefined ? result : keepManagedFieldsOfNoOp(input.live, result);
}

/** An apply that changes nothing moves no time, and leaves none with who only shares what is there already. */
function timeOf({ input, live }: Request, applier: Owner, object: JsonObject): string | undefined {
  if (equalValues(live, object)) return applier.time;
  // What the request has no say in will be put back, so it is no reason to touch an entry that exists.
  const comesToNothing = equalInSubstance(live, object, input.resetPaths);
  return comesToNothing ? (applier.time ?? wholeSeconds(input.now)) : wholeSeconds(input.now);
}
