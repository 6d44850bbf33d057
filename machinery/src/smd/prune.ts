import { difference, type FieldSet, intersection, isEmptySet, isSubset, union } from './field-set.ts';
import { withoutNeverOwned } from './never-owned.ts';
import type { Owner, Owners } from './owners.ts';
import { removeFields, withDeclaredParents } from './remove.ts';
import { toFieldSet } from './to-field-set.ts';
import type { Converter, TypedObject } from './versions.ts';

/**
 * Takes out of a merged object what the manager applied before and now leaves out, unless somebody owns it. A list item
 * or map entry that goes takes along what nobody owns below it; what somebody owns below it keeps it alive. KA-76
 * @param last what the manager owned before this apply; undefined on its first
 * @param owners after this apply, the manager's new set included
 */
export function pruneFormerFields(input: {
  merged: TypedObject;
  last: Owner | undefined;
  applied: FieldSet;
  owners: Owners;
  converter: Converter;
}): TypedObject {
  const { last, applied, owners, converter } = input;
  if (last === undefined || isSubset(last.fields, applied)) return input.merged;
  const merged = converter.convert(input.merged, last.apiVersion);
  if (merged === undefined) return input.merged;

  const without = removeFrom(merged, withDeclaredParents(last.fields, merged.shape));
  const owned = restoreOwned(merged, without, owners, converter);
  const pruned = dropFormerOnly(merged, owned, last.fields, converter);
  return converter.convert(pruned, input.merged.apiVersion) ?? input.merged;
}

const removeFrom = (typed: TypedObject, fields: FieldSet): TypedObject => ({
  ...typed,
  object: removeFields(typed.object, fields, typed.shape),
});

/** Brings back what somebody owns, version by version; that of the former set first, as others may need its fields. */
function restoreOwned(merged: TypedObject, pruned: TypedObject, owners: Owners, converter: Converter): TypedObject {
  const ownedAt = new Map<string, FieldSet>();
  for (const { apiVersion, fields } of owners.values()) {
    const others = ownedAt.get(apiVersion);
    ownedAt.set(apiVersion, others === undefined ? fields : union(others, fields));
  }
  const versions = [...ownedAt.keys()].sort(
    (a, b) => Number(b === merged.apiVersion) - Number(a === merged.apiVersion),
  );
  let restored = pruned;
  for (const version of versions) {
    const whole = converter.convert(merged, version);
    const part = converter.convert(restored, version);
    if (whole === undefined || part === undefined) continue;
    const keep = union(fieldsWithParents(part), withDeclaredParents(ownedAt.get(version) as FieldSet, whole.shape));
    restored = removeFrom(whole, difference(fieldsWithParents(whole), keep));
  }
  return restored;
}

/** Brings back what nobody owns and the manager never applied, unless its parent is gone. */
function dropFormerOnly(merged: TypedObject, owned: TypedObject, last: FieldSet, converter: Converter): TypedObject {
  const kept = converter.convert(owned, merged.apiVersion);
  if (kept === undefined) return merged;
  const gone = difference(fieldsWithParents(merged), fieldsWithParents(kept));
  // Whatever else goes, the object stays the one it is.
  const dropped = withoutNeverOwned(intersection(gone, withDeclaredParents(last, merged.shape)));
  return isEmptySet(dropped) ? merged : removeFrom(merged, dropped);
}

const fieldsWithParents = ({ object, shape }: TypedObject): FieldSet =>
  withDeclaredParents(toFieldSet(object, shape), shape);
