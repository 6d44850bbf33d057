import type { StructuralSchema } from '../schema/structural.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { capUpdateOwners } from './cap-updates.ts';
import { isEmptySet, recursiveDifference, union } from './field-set.ts';
import { type ResetPaths, resetFieldsOf, withoutNeverOwned } from './never-owned.ts';
import { keepManagedFieldsOfNoOp } from './no-op.ts';
import {
  decodeOwners,
  encodeOwners,
  managedFieldsOf,
  type Owner,
  type Owners,
  ownerId,
  wholeSeconds,
  withManagedFields,
} from './owners.ts';
import { currentOwners, shiftOwnership } from './ownership.ts';
import { type Converter, createConverter, type Versions } from './versions.ts';

/** One write that is no apply. KA-72 */
export interface TrackUpdateInput {
  /** The stored object with its managedFields; undefined on create. */
  readonly live: JsonObject | undefined;
  /** On create, what is there before anything is said; nobody gains it. Default: nothing. */
  readonly blank?: JsonObject | undefined;
  /** What the request makes of it, decoded and defaulted; its managedFields are those the client sent. */
  readonly next: JsonObject;
  /** Of the request's API version, with the object frame. */
  readonly schema: StructuralSchema;
  /** The field manager; empty means `unknown`. KA-72 */
  readonly manager: string;
  /** Of the request: `apps/v1`. */
  readonly apiVersion: string;
  /** Default: none, the object itself. */
  readonly subresource?: string | undefined;
  /** A Time; cut to whole seconds. */
  readonly now: string;
  /** Paths that this request has no say in: nobody gains or loses what is below. Default: none. KA-73 */
  readonly resetPaths?: ResetPaths | undefined;
  /** Default: the object looks the same in every version. KA-79 */
  readonly versions?: Versions | undefined;
}

/**
 * Keeps managedFields true over a create, update or patch (all but apply): the manager gains every field it changed or
 * added, others lose those, what was removed leaves all, empty entries go, old ones are merged. An object without owners
 * stays without until the first apply. Never throws and never mutates: invalid managedFields from clients are ignored in
 * favour of the stored ones; `[]` and `[{}]` clear them. KA-72 to KA-75, KA-77
 * @returns `next` with its managedFields; with exactly the live ones when the write changed nothing (KA-56)
 */
export function trackUpdate(input: TrackUpdateInput): JsonObject {
  const { live, next, subresource = '' } = input;
  const owners = startingOwners(live, next, subresource);
  if (owners.size === 0 && live !== undefined) return withManagedFields(next, undefined);
  const converter = createConverter(input.apiVersion, input.schema, input.versions);
  const tracked = withManagedFields(next, encodeOwners(updateOwners(input, owners, converter)));
  return live === undefined ? tracked : keepManagedFieldsOfNoOp(live, tracked);
}

/** The owners that the request starts from: through a subresource, a client cannot say anything about them. */
function startingOwners(live: JsonObject | undefined, next: JsonObject, subresource: string): Owners {
  const stored = orNone(decodeOwners(managedFieldsOf(live)));
  if (subresource !== '') return stored;
  const sent = managedFieldsOf(next);
  if (isReset(sent)) return new Map();
  // A patch that says nothing of them carries those of the object.
  if (sent === managedFieldsOf(live)) return stored;
  const decoded = orNone(decodeOwners(sent));
  return decoded.size === 0 ? stored : decoded;
}

const orNone = (owners: Owners | Error): Owners => (owners instanceof Error ? new Map() : owners);

/** `[]` or one entry that says nothing. */
function isReset(managedFields: JsonValue | undefined): boolean {
  if (!Array.isArray(managedFields)) return false;
  const [first, ...others] = managedFields;
  if (first === undefined) return true;
  if (others.length > 0 || !isJsonObject(first)) return false;
  return Object.keys(first).every((name) => isZero(getOwn(first, name)));
}

const isZero = (value: JsonValue | undefined): boolean => value === null || value === '';

/** As {@link trackUpdate}, on owners alone. `live` undefined: all of `next` but what is blank is new. */
export function updateOwners(input: TrackUpdateInput, owners: Owners, converter: Converter): Owners {
  const { apiVersion, shape } = converter;
  const before = { object: withManagedFields(input.live ?? input.blank ?? {}, undefined), apiVersion, shape };
  const after = { object: withManagedFields(input.next, undefined), apiVersion, shape };
  const resetFields = resetFieldsOf(input.resetPaths);
  const current = currentOwners(owners, converter);
  const shift = shiftOwnership({ before, after, owners: current, actor: undefined, resetFields, converter });

  const changed = union(shift.comparison.modified, shift.comparison.added);
  const gained = withoutNeverOwned(recursiveDifference(changed, resetFields));
  if (!isEmptySet(gained)) {
    const time = wholeSeconds(input.now);
    const owner: Owner = {
      manager: input.manager === '' ? 'unknown' : input.manager,
      operation: 'Update',
      apiVersion,
      subresource: input.subresource ?? '',
      fields: gained,
      ...(time === undefined ? {} : { time }),
    };
    const id = ownerId(owner);
    const previous = shift.owners.get(id);
    shift.owners.set(id, previous === undefined ? owner : { ...owner, fields: union(gained, previous.fields) });
  }
  return capUpdateOwners(shift.owners);
}
