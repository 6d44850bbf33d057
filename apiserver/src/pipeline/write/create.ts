import { ApiError, alreadyExists, apiError, StatusReason } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { stringAt, withValue } from '../../registry/fields.ts';
import { ExpectationFailedError } from '../../storage/storage.ts';
import { withConversions } from '../convert.ts';
import { generateName, keyOf } from '../names.ts';
import { withDefaults } from '../schema-pass.ts';
import type { RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';
import { shownOptions, type WriteOptions } from '../write-options.ts';
import { type Admitted, admitMutating, admittedOptions, admitValidating, chargedCommit } from './admit.ts';
import { commit, namespaceGuard, storedBody, written } from './commit.ts';
import { catchUp, onCurrentState } from './current-state.ts';
import { systemFieldsForCreate, withDistinctOwners } from './system-fields.ts';
import { track, withManagedFields } from './tracking.ts';
import { validateObject } from './validate.ts';

export interface CreateWrite {
  /** Decoded, conformed to the schema, name and namespace agreed with the path. */
  readonly object: JsonObject;
  readonly options: WriteOptions;
  /** `true`: server-side apply has already written managedFields. */
  readonly tracked?: boolean;
}

const nameAttempts = 8;
const guardAttempts = 5;

/**
 * Stores a new object: the one path of POST, of PUT and of apply on a missing object. KA-53
 * @throws ApiError AlreadyExists, Invalid, Forbidden, NotFound (the namespace)
 */
export function createObject(scope: RequestScope, write: CreateWrite): Promise<ServedObject> {
  return onCurrentState(scope, () => createKnown(scope, write));
}

async function createKnown(scope: RequestScope, write: CreateWrite): Promise<ServedObject> {
  const base = stringAt(write.object, 'metadata', 'generateName');
  if (stringAt(write.object, 'metadata', 'name') !== '' || base === '') return createNamed(scope, write);
  for (let attempt = 1; attempt < nameAttempts; attempt += 1) {
    try {
      return await createNamed(scope, named(write, base, scope));
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === StatusReason.AlreadyExists)) throw error;
    }
  }
  return createNamed(scope, named(write, base, scope)).catch(explainCollision);
}

function named(write: CreateWrite, base: string, scope: RequestScope): CreateWrite {
  return { ...write, object: withValue(write.object, ['metadata', 'name'], generateName(base, scope.server.random)) };
}

/** KA-45 */
function explainCollision(error: unknown): never {
  if (!(error instanceof ApiError && error.reason === StatusReason.AlreadyExists)) throw error;
  throw apiError(
    StatusReason.AlreadyExists,
    `${error.message}, the server was not able to generate a unique name for the object`,
    { ...error.status.details, retryAfterSeconds: 1 },
  );
}

async function createNamed(scope: RequestScope, write: CreateWrite): Promise<ServedObject> {
  const object = await prepare(scope, write);
  const name = stringAt(object, 'metadata', 'name');
  const key = keyOf(scope, name);
  for (let attempt = 1; ; attempt += 1) {
    const guard = namespaceGuard(scope, name);
    refuseExisting(scope, name);
    const { body, object: stored } = await storedBody(scope, object);
    const operation = { type: 'put', key, body, expect: 'absent' } as const;
    const guards = guard === undefined ? [] : [guard];
    try {
      const revision = await chargedCommit(scope, admittedCreate(write, name), object, undefined, async (also) =>
        write.options.dryRun ? undefined : await commit(scope, operation, { guards, also }),
      );
      return written(scope, stored, body, revision);
    } catch (error) {
      if (!(error instanceof ExpectationFailedError)) throw error;
      if (error.key.resource === key.resource && error.key.name === key.name) throw existing(scope, name);
      // The namespace changed in between: look at it again.
      if (attempt === guardAttempts)
        throw apiError(StatusReason.ServerTimeout, 'the namespace keeps changing', { retryAfterSeconds: 1 });
      await catchUp(scope, error);
    }
  }
}

/** From the client's object to the one to store, admitted and validated. */
function prepare(scope: RequestScope, write: CreateWrite): JsonObject | Promise<JsonObject> {
  const owned = withDistinctOwners(systemFieldsForCreate(write.object, scope.resource, scope.now), scope.warnings);
  return withConversions(scope, () => prepareOwned(scope, write, owned));
}

function prepareOwned(scope: RequestScope, { options, tracked }: CreateWrite, owned: JsonObject): JsonObject {
  const { strategy } = scope.resource.definition;
  const recorded = tracked === true ? owned : track(scope, undefined, owned, options.fieldManager);
  const prepared = strategy.prepareForCreate?.(recorded, { user: scope.user, now: scope.now }) ?? recorded;
  const admitted = admittedCreate({ options }, stringAt(prepared, 'metadata', 'name'));
  const mutated = admitMutating(scope, admitted, prepared, undefined);
  // Nobody owns what admission changes. KA-53
  const final = mutated === prepared ? prepared : withManagedFields(withDefaults(mutated, scope.resource), prepared);
  validateObject(scope, final);
  admitValidating(scope, admitted, final, undefined);
  return final;
}

/** What admission is told of a create. @param name empty: none is known yet */
export const admittedCreate = ({ options }: Pick<CreateWrite, 'options'>, name: string): Admitted => ({
  operation: 'CREATE',
  name,
  dryRun: options.dryRun,
  options: admittedOptions('CreateOptions', shownOptions(options)),
});

/** Saves a commit that is bound to fail, and answers dry runs. */
function refuseExisting(scope: RequestScope, name: string): void {
  if (scope.server.store.get(keyOf(scope, name)) !== undefined) throw existing(scope, name);
}

function existing(scope: RequestScope, name: string): ApiError {
  const { definition } = scope.resource;
  const error = alreadyExists(definition, name);
  const entry = scope.server.store.get(keyOf(scope, name));
  if (entry === undefined || !entry.body.includes('"deletionTimestamp":"')) return error;
  return apiError(StatusReason.AlreadyExists, `object is being deleted: ${error.message}`, error.status.details);
}
