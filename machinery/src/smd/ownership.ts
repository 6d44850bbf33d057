import { type Comparison, compareObjects, withoutPaths } from './compare.ts';
import { difference, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import { type Owner, type OwnerId, type Owners, withFields } from './owners.ts';
import { reconcileWithSchema } from './reconcile-schema.ts';
import type { Converter, TypedObject } from './versions.ts';

/** What others own of the fields that a write changed, by owner; empty when nobody minds. */
export type Claims = ReadonlyMap<OwnerId, { readonly owner: Owner; readonly fields: FieldSet }>;

/** The outcome of one write for those who did not make it. */
interface Shift {
  /** All owners after the write: others without what changed or went, nobody with an empty set. */
  readonly owners: Map<OwnerId, Owner>;
  /** What others owned of the changed and added fields. For an apply without force, these are its conflicts. */
  readonly claims: Claims;
  /** In the version of the request, without the fields that the request may not own. */
  readonly comparison: Comparison;
}

/**
 * Works out what a write takes from the owners of an object. Each owner's set is compared in its own API version;
 * owners in versions that are gone are dropped. KA-75, KA-76, KA-79
 * @param actor whose own set is left alone
 * @param resetFields changes below these paths do not count: the request may not make them
 */
export function shiftOwnership(input: {
  before: TypedObject;
  after: TypedObject;
  owners: Owners;
  actor: OwnerId | undefined;
  resetFields: FieldSet;
  converter: Converter;
}): Shift {
  const { before, after, actor, resetFields, converter } = input;
  const compareIn = comparisonsByVersion(before, after, resetFields, converter);
  const owners = new Map(input.owners);
  const claims = new Map<OwnerId, { owner: Owner; fields: FieldSet }>();
  for (const [id, owner] of input.owners) {
    if (id === actor) continue;
    const comparison = compareIn(owner.apiVersion);
    if (comparison === undefined) {
      owners.delete(id);
      continue;
    }
    const claimed = intersection(owner.fields, union(comparison.modified, comparison.added));
    if (!isEmptySet(claimed)) claims.set(id, { owner, fields: claimed });
    const lost = union(claimed, comparison.removed);
    if (!isEmptySet(lost)) withFields(owners, owner, difference(owner.fields, lost));
  }
  for (const [id, owner] of owners) if (isEmptySet(owner.fields)) owners.delete(id);
  const comparison = compareIn(before.apiVersion) ?? compareObjects(before.object, after.object, before.shape);
  return { owners, claims, comparison };
}

function comparisonsByVersion(
  before: TypedObject,
  after: TypedObject,
  resetFields: FieldSet,
  converter: Converter,
): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison | undefined>();
  return (apiVersion) => {
    if (known.has(apiVersion)) return known.get(apiVersion);
    const old = converter.convert(before, apiVersion);
    const next = converter.convert(after, apiVersion);
    const comparison =
      old === undefined || next === undefined
        ? undefined
        : withoutPaths(compareObjects(old.object, next.object, old.shape), resetFields);
    known.set(apiVersion, comparison);
    return comparison;
  };
}

/**
 * The stored owners as they are in the schemas of today: sets fitted to lists and maps that became atomic, owners in
 * versions that are gone left out. KA-79
 */
export function currentOwners(owners: Owners, converter: Converter): Map<OwnerId, Owner> {
  const current = new Map<OwnerId, Owner>();
  for (const [id, owner] of owners) {
    const shape = converter.shapeIn(owner.apiVersion);
    if (shape === undefined) continue;
    const fields = reconcileWithSchema(owner.fields, shape);
    current.set(id, fields === owner.fields ? owner : { ...owner, fields });
  }
  return current;
}
