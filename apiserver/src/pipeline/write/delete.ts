import { conflict, modifiedConflict, notFound } from '@quarterdeck/apis';
import { foregroundFinalizer, type JsonObject, orphanFinalizer } from '@quarterdeck/machinery';
import type { Entry } from '../../cache/store.ts';
import { objectAt, stringsAt, valueAt, withValue } from '../../registry/fields.ts';
import { ExpectationFailedError } from '../../storage/storage.ts';
import { convertEntries, withConversions } from '../convert.ts';
import type { DeleteOptions } from '../delete-options.ts';
import { keyOf } from '../names.ts';
import type { RequestScope } from '../scope.ts';
import { type ServedObject, servedEntry } from '../served.ts';
import { type Admitted, admittedOptions, admitValidating } from './admit.ts';
import { commit, storedBody, written } from './commit.ts';
import { catchUp, onCurrentState } from './current-state.ts';
import { timeText } from './system-fields.ts';

/** `gone`: removed in this request, with its last state. `waiting`: it stays until its finalizers are done. */
export interface Deletion {
  readonly outcome: 'gone' | 'waiting';
  readonly object: ServedObject;
}

/** Preconditions are looked at anew each time, so this bounds only how long a busy writer is outrun. */
const attempts = 100;

/**
 * Deletes an object, or marks it as being deleted when something must happen first. KA-57, KA-58
 * @throws ApiError NotFound, Conflict, Forbidden
 */
export function deleteObject(scope: RequestScope, name: string, options: DeleteOptions): Promise<Deletion> {
  return onCurrentState(scope, () => deleteKnown(scope, name, options));
}

async function deleteKnown(scope: RequestScope, name: string, options: DeleteOptions): Promise<Deletion> {
  const { definition } = scope.resource;
  for (let attempt = 1; ; attempt += 1) {
    const entry = scope.server.store.get(keyOf(scope, name));
    if (entry === undefined) throw notFound(definition, name);
    checkPreconditions(scope, entry, options);
    try {
      return await deleteEntry(scope, entry, options);
    } catch (error) {
      if (!(error instanceof ExpectationFailedError)) throw error;
      if (attempt === attempts) throw modifiedConflict(definition, name);
      await catchUp(scope, error);
    }
  }
}

function checkPreconditions(scope: RequestScope, entry: Entry, { uid, resourceVersion }: DeleteOptions): void {
  const { group, kind } = scope.resource.definition;
  // Named by the kind, as of all conflicts only these are.
  const type = { group, plural: kind };
  if (uid !== '' && uid !== entry.index.uid) {
    throw conflict(
      type,
      entry.key.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${entry.index.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== '' && resourceVersion !== String(entry.revision)) {
    throw conflict(
      type,
      entry.key.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${entry.revision}). The object might have been modified`,
    );
  }
}

async function deleteEntry(scope: RequestScope, entry: Entry, options: DeleteOptions): Promise<Deletion> {
  const { definition } = scope.resource;
  await convertEntries(scope.resource, [entry], scope.signal);
  const served = servedEntry(scope.resource, entry);
  const live = served.value();
  await withConversions(scope, () => admitValidating(scope, admittedDelete(entry, options), undefined, live));
  const marked = markDeleted(scope, live, options);
  const stays =
    stringsAt(marked, 'metadata', 'finalizers').length > 0 || definition.strategy.holdsDeletion?.(marked) === true;
  if (stays && marked === live) return { outcome: 'waiting', object: served };
  const isMarked = stays || definition.strategy.deleteReturnsObject === 'marked';
  const { body, object } = await storedBody(scope, isMarked ? marked : live);
  if (options.dryRun) {
    return { outcome: stays ? 'waiting' : 'gone', object: written(scope, object, body, entry.revision) };
  }
  if (!stays) {
    const revision = await commit(scope, { type: 'delete', key: entry.key, lastBody: body, expect: entry.revision });
    return { outcome: 'gone', object: written(scope, object, body, revision) };
  }
  const revision = await commit(scope, { type: 'put', key: entry.key, body, expect: entry.revision });
  return { outcome: 'waiting', object: written(scope, object, body, revision) };
}

/** The object as a delete leaves it: finalizers by propagation, deletionTimestamp once. Unchanged: the object itself. */
function admittedDelete({ key }: Entry, { dryRun, propagation: propagationPolicy }: DeleteOptions): Admitted {
  const options = admittedOptions('DeleteOptions', { dryRun, propagationPolicy });
  return { operation: 'DELETE', name: key.name, dryRun, options };
}

function markDeleted(scope: RequestScope, live: JsonObject, options: DeleteOptions): JsonObject {
  const { strategy } = scope.resource.definition;
  const finalizers = stringsAt(live, 'metadata', 'finalizers');
  const wanted = finalizersFor(finalizers, options.propagation);
  // Their order says nothing, and a second delete changes nothing. KA-57a
  const propagated =
    wanted.length === finalizers.length && wanted.every((finalizer) => finalizers.includes(finalizer))
      ? live
      : withValue(live, ['metadata', 'finalizers'], wanted.length === 0 ? undefined : [...wanted]);
  if (valueAt(live, 'metadata', 'deletionTimestamp') !== undefined) return propagated;
  const generation = valueAt(live, 'metadata', 'generation');
  const marked: JsonObject = {
    ...propagated,
    metadata: {
      ...objectAt(propagated, 'metadata'),
      deletionTimestamp: timeText(scope.now),
      deletionGracePeriodSeconds: 0,
      ...(strategy.hasGeneration ? { generation: Number(generation ?? 0) + 1 } : {}),
    },
  };
  return strategy.prepareForDelete?.(marked, { user: scope.user, now: scope.now }) ?? marked;
}

/** KA-58 */
function finalizersFor(finalizers: readonly string[], propagation: DeleteOptions['propagation']): readonly string[] {
  const others = finalizers.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  switch (propagation) {
    case undefined:
      return finalizers;
    case 'Background':
      return others;
    case 'Foreground':
      return [...others, foregroundFinalizer];
    case 'Orphan':
      return [...others, orphanFinalizer];
    default:
      return propagation satisfies never;
  }
}
