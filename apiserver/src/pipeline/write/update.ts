import { type ApiError, conflict, invalid, modifiedConflict, notFound } from '@quarterdeck/apis';
import { equalValues, type JsonObject, keepManagedFieldsOfNoOp } from '@quarterdeck/machinery';
import type { Entry } from '../../cache/store.ts';
import { invalidField, listAt, objectAt, stringAt, valueAt } from '../../registry/fields.ts';
import { ExpectationFailedError } from '../../storage/storage.ts';
import { convertEntries, isConvertedByWebhook, withConversions } from '../convert.ts';
import { keyOf } from '../names.ts';
import { withDefaults } from '../schema-pass.ts';
import type { RequestScope } from '../scope.ts';
import { isStoredAsServed, type ServedObject, servedEntry, servedValue } from '../served.ts';
import { shownOptions, type WriteOptions } from '../write-options.ts';
import {
  type Admitted,
  type AdmittedForm,
  admitMutating,
  admittedOptions,
  admitValidating,
  chargedCommit,
} from './admit.ts';
import { commit, storedBody, written } from './commit.ts';
import { catchUp, onCurrentState } from './current-state.ts';
import { hasStatusSubresource, systemFieldsForUpdate, withDistinctOwners, withGeneration } from './system-fields.ts';
import { track, withManagedFields } from './tracking.ts';
import { validateObject } from './validate.ts';

export interface UpdateWrite {
  readonly options: WriteOptions;
  /**
   * From what is stored to what shall be, conformed to the schema. Called again with the newer state when another write
   * came between. Must not change its argument.
   */
  readonly transform: (live: JsonObject) => JsonObject;
  /** PUT says what the whole object is, so a missing resourceVersion may be refused (KA-55); a patch asks for any only by saying so. */
  readonly replaces: boolean;
  /** `true`: server-side apply has already written managedFields. */
  readonly tracked?: boolean;
  /** What admission is shown of the objects. Default: all. */
  readonly admittedForm?: AdmittedForm;
}

/** A resourceVersion that is none: the write is meant for whatever state there is. KA-55 */
export const anyVersion = '0';

const attempts = 6;

/**
 * Changes a stored object: the one path of PUT, all patches, apply and their subresources. KA-55, KA-56, KA-66
 * @throws ApiError NotFound, Conflict, Invalid, Forbidden
 */
export function updateObject(scope: RequestScope, write: UpdateWrite): Promise<ServedObject> {
  return onCurrentState(scope, () => updateKnown(scope, write));
}

async function updateKnown(scope: RequestScope, write: UpdateWrite): Promise<ServedObject> {
  for (let attempt = 1; ; attempt += 1) {
    const entry = scope.server.store.get(keyOf(scope));
    if (entry === undefined) throw notFound(scope.resource.definition, scope.info.name);
    if (isConvertedByWebhook(scope.resource)) await convertEntries(scope.resource, [entry], scope.signal);
    const live = servedEntry(scope.resource, entry).value();
    const work = () => {
      const asked = write.transform(live);
      const pinned = checkVersion(scope, asked, entry, write);
      return { pinned, next: prepare(scope, write, live, asked) };
    };
    const { pinned, next } = isConvertedByWebhook(scope.resource) ? await withConversions(scope, work) : work();
    // What an earlier schema stored, or is sealed by an earlier key, is written anew, as it is stored now. KA-56, KA-147
    if (next === live && isStoredAsServed(scope.resource, entry)) return servedEntry(scope.resource, entry);
    try {
      return await store(scope, write, entry, { live, next });
    } catch (error) {
      if (!(error instanceof ExpectationFailedError)) throw error;
      if (pinned || attempt === attempts) throw modifiedConflict(scope.resource.definition, scope.info.name);
      await catchUp(scope, error);
    }
  }
}

/**
 * Optimistic locking: the body's resourceVersion and uid against what is stored.
 * @returns whether the request named a resourceVersion, so that a lost race is the client's to solve
 */
function checkVersion(
  scope: RequestScope,
  asked: JsonObject,
  entry: Entry,
  { replaces, tracked }: Pick<UpdateWrite, 'replaces' | 'tracked'>,
): boolean {
  const { definition } = scope.resource;
  const uid = stringAt(asked, 'metadata', 'uid');
  if (uid !== '' && uid !== entry.index.uid) {
    throw conflict(definition, scope.info.name, uidMismatch(uid, entry.index.uid));
  }
  const version = valueAt(asked, 'metadata', 'resourceVersion');
  if (version === undefined || version === '' || version === anyVersion) {
    const isAsked = replaces || (tracked !== true && version === anyVersion);
    if (isAsked && !definition.strategy.allowUnconditionalUpdate) {
      // Named like the conflict that it stands for: by the resource.
      throw invalid({ group: definition.group, kind: definition.plural }, scope.info.name, [
        invalidField('metadata.resourceVersion', 0, 'must be specified for an update'),
      ]);
    }
    return false;
  }
  if (version !== String(entry.revision)) throw modifiedConflict(definition, scope.info.name);
  return true;
}

function uidMismatch(asked: string, stored: string): string {
  return `Precondition failed: UID in precondition: ${asked}, UID in object meta: ${stored}`;
}

/** @returns `live` itself when nothing would change. KA-56 */
function prepare(scope: RequestScope, write: UpdateWrite, live: JsonObject, asked: JsonObject): JsonObject {
  const { definition } = scope.resource;
  const { options } = write;
  const bounded = withSystemFields(scope, asked, live);
  const recorded = write.tracked === true ? bounded : track(scope, live, bounded, options.fieldManager);
  const context = { user: scope.user, now: scope.now };
  const prepared = isPart(scope)
    ? recorded
    : (definition.strategy.prepareForUpdate?.(recorded, live, context) ?? recorded);
  const admitted = admittedUpdate(scope, write);
  const mutated = admitMutating(scope, admitted, prepared, live);
  const admittedObject =
    mutated === prepared
      ? prepared
      : withSystemFields(scope, withManagedFields(withDefaults(mutated, scope.resource), prepared), live);
  // Nobody owns what admission changes (KA-53); who only changed what it takes back, becomes no owner either. KA-56
  const takenBack = mutated !== prepared && equalValues(withManagedFields(admittedObject, live), live);
  const final = takenBack ? live : keepManagedFieldsOfNoOp(live, admittedObject);
  if (equalValues(final, live)) {
    admitValidating(scope, admitted, live, live);
    return live;
  }
  const counted = isOrder(scope) ? final : withGeneration(final, live, scope);
  validateObject(scope, counted, live);
  admitValidating(scope, admitted, counted, live);
  return counted;
}

/** A part has a rule of its own, and it alone may change what the object's rule protects. */
function isPart(scope: RequestScope): boolean {
  return isOrder(scope) || scope.resource.version.subresources[scope.info.subresource]?.type === 'part';
}

const isOrder = ({ info, resource }: RequestScope): boolean =>
  resource.version.subresources[info.subresource]?.type === 'order';

/** Restores what this (sub)resource may not change. KA-50, KA-64 */
function withSystemFields(scope: RequestScope, asked: JsonObject, live: JsonObject): JsonObject {
  const next = withDistinctOwners(systemFieldsForUpdate(asked, live), scope.warnings);
  const subresource = scope.resource.version.subresources[scope.info.subresource];
  if (subresource?.type === 'order') return next;
  if (subresource?.type === 'part') return withManagedFields(subresource.merge(live, next), next);
  if (!hasStatusSubresource(scope.resource)) return next;
  if (scope.info.subresource === 'status') return onlyStatus(scope, next, live);
  return withStatusOf(next, live);
}

function withStatusOf(next: JsonObject, live: JsonObject): JsonObject {
  const { status: _ignored, ...rest } = next;
  return live.status === undefined ? rest : { ...rest, status: live.status };
}

/** Most built-in kinds let a status write carry labels and annotations, custom ones do not; neither takes the rest. */
function onlyStatus(scope: RequestScope, next: JsonObject, live: JsonObject): JsonObject {
  const meta = withFieldsOf(objectAt(next, 'metadata'), live, scope.resource.definition.strategy.statusKeeps ?? []);
  const metadata: JsonObject =
    scope.resource.definition.origin === 'builtin'
      ? meta
      : {
          ...objectAt(live, 'metadata'),
          ...(meta.managedFields === undefined ? {} : { managedFields: meta.managedFields }),
        };
  if (scope.resource.definition.origin === 'custom' && meta.managedFields === undefined) delete metadata.managedFields;
  const { status: _old, ...rest } = live;
  return { ...rest, metadata, ...(next.status === undefined ? {} : { status: next.status }) };
}

/** Metadata with these of its fields as they are in a stored object. */
function withFieldsOf(meta: JsonObject, live: JsonObject, fields: readonly string[]): JsonObject {
  if (fields.length === 0) return meta;
  const others = Object.entries(meta).filter(([field]) => !fields.includes(field));
  const kept = Object.entries(objectAt(live, 'metadata')).filter(([field]) => fields.includes(field));
  return Object.fromEntries([...others, ...kept]);
}

/** Writes the change; an object that only waited for its last finalizer goes instead. KA-49 */
async function store(
  scope: RequestScope,
  write: UpdateWrite,
  entry: Entry,
  { live, next }: { readonly live: JsonObject; readonly next: JsonObject },
): Promise<ServedObject> {
  const { options } = write;
  const { body, object } = await storedBody(scope, next);
  const { strategy } = scope.resource.definition;
  const done =
    valueAt(next, 'metadata', 'deletionTimestamp') !== undefined &&
    listAt(next, 'metadata', 'finalizers').length === 0 &&
    strategy.holdsDeletion?.(next) !== true;
  if (done) {
    if (options.dryRun) return written(scope, object, body, entry.revision);
    const operation = { type: 'delete', key: entry.key, lastBody: body, expect: entry.revision } as const;
    await commit(scope, operation);
    return servedValue(object);
  }
  const operation = { type: 'put', key: entry.key, body, expect: entry.revision } as const;
  const unhurried = strategy.isRenewal?.(next, live) ?? false;
  const revision = await chargedCommit(scope, admittedUpdate(scope, write), next, live, async (also) =>
    options.dryRun ? entry.revision : await commit(scope, operation, { also, unhurried }),
  );
  return written(scope, object, body, revision);
}

const admittedUpdate = (scope: RequestScope, { options, admittedForm }: UpdateWrite): Admitted => ({
  operation: 'UPDATE',
  name: scope.info.name,
  dryRun: options.dryRun,
  options: admittedOptions('UpdateOptions', shownOptions(options)),
  form: admittedForm,
});

/** A uid in an apply to an object that does not exist. KA-71 */
export function uidOfMissing(scope: RequestScope, uid: string): ApiError {
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  return conflict(scope.resource.definition, scope.info.name, why);
}
