import { apiVersionOf } from '@quarterdeck/apis';
import {
  equalValues,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type StructuralSchema,
  validateValue,
} from '@quarterdeck/machinery';
import type { Entry } from '../../cache/store.ts';
import type { VersionDefinition } from '../../registry/definition.ts';
import { listAt, withValue } from '../../registry/fields.ts';
import type { Revision, StorageKey } from '../../storage/storage.ts';
import type { RequestScope } from '../scope.ts';
import { formOf } from '../served.ts';
import { timeAsStored } from '../typed-leaves.ts';
import { timeText } from './system-fields.ts';

/**
 * A fleet writes renewals before all else: each of its members says ten times a minute that it lives. Nothing of an object is
 * new then but one text, so a renewal after a renewal is not judged anew. What the one before it came to (what the schema and
 * the kind made of it, whose field the text is) holds again, for the object is what it came to, the manager is the
 * same, and no rule of the kind looks at the text. Left to judge are the text itself and what admission says, which may look at
 * anything. KA-142
 *
 * It is known of objects that this process renewed last; whoever else writes them ends it.
 */
interface Renewed {
  /** Of the state that a renewal made; any later one is not known. */
  readonly revision: Revision;
  readonly version: VersionDefinition;
  readonly manager: string;
  /** What was stored, whose last owner is the manager. */
  readonly object: JsonObject;
}

/** By the key that the entries of an object share, so that it holds one for each object, and none for one that is gone. */
const renewals = new WeakMap<StorageKey, Renewed>();

/** What an update is asked to do, as far as a renewal can be told by it. */
export interface Asked {
  readonly options: { readonly fieldManager: string; readonly dryRun: boolean };
  /** The document of a merge patch. */
  readonly patch?: JsonValue | undefined;
}

/** Held on the same terms: nothing is new but what a renewal says, and whose field that is. KA-142 */
export function isRenewal(scope: Pick<RequestScope, 'resource'>, next: JsonObject, live: JsonObject): boolean {
  const field = scope.resource.definition.strategy.renewedField;
  if (field === undefined) return false;
  const terms = (object: JsonObject) =>
    withValue(withValue(object, ['metadata', 'managedFields'], undefined), field, undefined);
  return equalValues(terms(next), terms(live));
}

/**
 * What a renewal makes of an object that was renewed before.
 * @returns undefined when this is none, or when too little is known: then it is judged like any other write
 */
export function renewed(
  scope: RequestScope,
  { options, patch }: Asked,
  entry: Entry,
): { readonly live: JsonObject; readonly next: JsonObject } | undefined {
  const known = renewals.get(entry.key);
  const field = scope.resource.definition.strategy.renewedField;
  if (known?.revision !== entry.revision || field === undefined || patch === undefined) return undefined;
  if (options.dryRun || scope.info.subresource !== '') return undefined;
  if (known.version !== scope.resource.version || known.manager !== options.fieldManager) return undefined;
  const text = renewingText(known.object, patch, field);
  const schema = schemaAt(scope.resource.version.schema, field);
  if (text === undefined || schema === undefined || validateValue(text, schema).length > 0) return undefined;
  // A time in another form is refused, or written anew. KA-51
  if (timeAsStored(text, 'microTime') !== text) return undefined;
  const managedFields = renewedOwners(known.object, timeText(scope.now));
  if (managedFields === undefined) return undefined;
  const live = withValue(known.object, ['metadata', 'resourceVersion'], String(entry.revision));
  return { live, next: withValue(withValue(live, field, text), ['metadata', 'managedFields'], managedFields) };
}

/**
 * Of a write that was judged: what the next renewal may rely on.
 * @returns told of the entry that the write made; undefined when nothing can be relied on
 */
export function noteRenewal(
  scope: RequestScope,
  { options, patch }: Asked,
  { live, next }: { readonly live: JsonObject; readonly next: JsonObject },
): ((made: Entry) => void) | undefined {
  const { definition, version } = scope.resource;
  const { renewedField: field } = definition.strategy;
  if (field === undefined || patch === undefined || scope.info.subresource !== '') return undefined;
  // What is warned of is to be warned of again; what is shown in another form is not known as it is shown.
  if (scope.warnings.headers().length > 0 || formOf(scope.resource) !== undefined) return undefined;
  const manager = options.fieldManager;
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  if (renewingText(live, patch, field) === undefined || !isRenewedBy(manager, apiVersion, live, next)) return undefined;
  return ({ key, revision }) => void renewals.set(key, { revision, version, manager, object: next });
}

/** The text of a patch that says nothing else that is new; undefined of any other. */
function renewingText(object: JsonObject, patch: JsonValue, field: readonly string[]): string | undefined {
  const [name, ...below] = field;
  if (name === undefined || !isJsonObject(patch)) return undefined;
  let text: string | undefined;
  for (const key of Object.keys(patch)) {
    const said = patch[key] as JsonValue;
    const held = getOwn(object, key);
    if (key !== name) {
      // What a map says is merged into what is there.
      if (isJsonObject(said) || !equalValues(said, held)) return undefined;
    } else if (below.length > 0) {
      text = held !== undefined && isJsonObject(held) ? renewingText(held, said, below) : undefined;
      if (text === undefined) return undefined;
    } else if (typeof said === 'string' && said !== '' && typeof held === 'string' && said !== held) text = said;
    else return undefined;
  }
  return text;
}

function schemaAt(schema: StructuralSchema, path: readonly string[]): StructuralSchema | undefined {
  return path.reduce<StructuralSchema | undefined>((node, name) => node?.properties?.[name], schema);
}

/** The last owner is the youngest, and stays it; the others are as they were. Undefined when the clock went back. KA-72 */
function renewedOwners(object: JsonObject, time: string): JsonValue[] | undefined {
  const owners = listAt(object, 'metadata', 'managedFields');
  const last = owners.at(-1);
  if (last === undefined || !isJsonObject(last) || typeof last.time !== 'string' || last.time > time) return undefined;
  return [...owners.slice(0, -1), { ...last, time }];
}

/** Whether a renewal left the owners as they were, but for the time of this manager, who is the last of them. */
function isRenewedBy(manager: string, apiVersion: string, live: JsonObject, next: JsonObject): boolean {
  const owners = listAt(next, 'metadata', 'managedFields');
  const last = owners.at(-1);
  if (last === undefined || !isJsonObject(last)) return false;
  const { manager: name, operation, apiVersion: version, subresource = '', time } = last;
  const isOwn = name === manager && operation === 'Update' && version === apiVersion && subresource === '';
  return isOwn && typeof time === 'string' && equalValues(renewedOwners(live, time), [...owners]);
}
