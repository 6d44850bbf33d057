import { ApiError, badRequest, type FieldError, invalid, notFound } from '@quarterdeck/apis';
import type { ListRequest, ListResult } from '../../cache/store.ts';
import { CompactedError } from '../../cache/store.ts';
import { forbiddenField, unsupportedField } from '../../registry/fields.ts';
import { storageName } from '../../registry/registry.ts';
import { convertEntries, isConvertedByWebhook } from '../convert.ts';
import { expired } from '../errors.ts';
import { keyOf } from '../names.ts';
import { parseInteger, parseOptionalFlag, parseResourceVersion } from '../query.ts';
import type { Answer, ListAnswer, RequestScope } from '../scope.ts';
import { parseSelection, placeOf } from '../selection.ts';
import { type ServedObject, servedEntry } from '../served.ts';

/** How long a read waits for a revision that is ahead. KA-40 */
export const revisionWaitMs = 3000;

/** KA-54 */
export async function handleGet(scope: RequestScope): Promise<Answer> {
  return { type: 'object', status: 200, object: await readObject(scope) };
}

/**
 * The object that the path names, as of the revision asked for.
 * @throws ApiError NotFound, BadRequest; RevisionAheadError
 */
export async function readObject(scope: RequestScope): Promise<ServedObject> {
  const { store } = scope.server;
  const asked = parseResourceVersion(scope.request.query.get('resourceVersion'));
  if (asked === undefined) await store.fresh(scope.signal);
  else if (asked > 0) await store.waitFor(asked, revisionWaitMs, scope.signal);
  const entry = store.get(keyOf(scope));
  if (entry === undefined) throw notFound(scope.resource.definition, scope.info.name);
  if (isConvertedByWebhook(scope.resource)) await convertEntries(scope.resource, [entry], scope.signal);
  return servedEntry(scope.resource, entry);
}

/** How a list is to be read. KA-82, KA-83 */
interface ListPlan {
  /** Undefined: the present state after `wait`. */
  readonly revision: number | undefined;
  readonly wait: 'fresh' | number;
  readonly after: ListRequest['after'];
  readonly limit: number | undefined;
}

export async function handleList(scope: RequestScope): Promise<ListAnswer> {
  const { store } = scope.server;
  const matches = parseSelection(scope);
  const plan = planList(scope);
  if (plan.wait === 'fresh') await store.fresh(scope.signal);
  else if (plan.wait > 0) await store.waitFor(plan.wait, revisionWaitMs, scope.signal);
  const request: ListRequest = {
    ...placeOf(scope),
    ...(plan.revision === undefined ? {} : { revision: plan.revision }),
    ...(plan.after === undefined ? {} : { after: plan.after }),
  };
  // What is selected is what is shown, so that all must be converted to know.
  const revision = matches === undefined ? request.revision : await convertAll(scope, plan, request);
  const result = listOrExpire(scope, plan, {
    ...request,
    ...(revision === undefined ? {} : { revision }),
    ...(plan.limit === undefined ? {} : { limit: plan.limit }),
    ...(matches === undefined ? {} : { matches }),
  });
  if (isConvertedByWebhook(scope.resource)) await convertEntries(scope.resource, result.entries, scope.signal);
  const last = result.entries.at(-1);
  return {
    type: 'list',
    items: served(scope, result.entries),
    bytes: result.entries.reduce((sum, { body }) => sum + body.byteLength, 0),
    revision: result.revision,
    ...(result.more && last !== undefined
      ? {
          continueToken: scope.server.continueTokens.write(tokenScope(scope), {
            revision: result.revision,
            after: { namespace: last.key.namespace, name: last.key.name },
          }),
        }
      : {}),
    ...(result.more && matches === undefined && result.remaining !== undefined ? { remaining: result.remaining } : {}),
  };
}

/** Kept in an array, what a Table decodes of one object would stay until the last was sent. */
function served({ resource }: RequestScope, entries: ListResult['entries']): Iterable<ServedObject> {
  return {
    *[Symbol.iterator]() {
      for (const entry of entries) yield servedEntry(resource, entry);
    },
  };
}

/** @returns the revision at which all that may match is converted; for kinds without a webhook, the one asked for */
async function convertAll(scope: RequestScope, plan: ListPlan, request: ListRequest): Promise<number | undefined> {
  if (!isConvertedByWebhook(scope.resource)) return request.revision;
  const { entries, revision } = listOrExpire(scope, plan, request);
  await convertEntries(scope.resource, entries, scope.signal);
  return revision;
}

/** A token belongs to one resource and namespace. BI-12 */
function tokenScope(scope: RequestScope): string {
  return `${storageName(scope.resource.definition)}/${scope.info.namespace}`;
}

function listOrExpire(scope: RequestScope, plan: ListPlan, request: ListRequest): ListResult {
  try {
    return scope.server.store.list(request);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    const status = expired(
      'The provided continue parameter or resourceVersion is too old to display a consistent list result.',
    ).status;
    if (plan.after === undefined) throw new ApiError(status);
    // The client may go on from the same key, at the present revision. KA-82
    const token = scope.server.continueTokens.write(tokenScope(scope), {
      revision: scope.server.store.revision,
      after: plan.after,
    });
    throw new ApiError({ ...status, metadata: { continue: token } });
  }
}

/** @throws ApiError BadRequest, Invalid */
function planList(scope: RequestScope): ListPlan {
  const { query } = scope.request;
  const asked = parseResourceVersion(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue') ?? '';
  const limit = parseInteger(query, 'limit') ?? 0;
  if (limit < 0) throw badRequest(`invalid limit ${limit}: must not be negative`);
  refuseListOptions(scope, asked, match, token);
  // A list is bounded by the request's own deadline; the option must be well-formed all the same. KA-8
  parseInteger(query, 'timeoutSeconds');
  const bounds = { limit: limit === 0 ? undefined : limit };
  if (token !== '') {
    if (asked !== undefined && asked !== 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { revision, after } = scope.server.continueTokens.read(tokenScope(scope), token);
    // It may be of another process, which is ahead of this one. KA-146a
    return { ...bounds, revision, after, wait: revision };
  }
  if (asked === undefined) return { ...bounds, revision: undefined, after: undefined, wait: 'fresh' };
  const exact = match === 'Exact' || (match === '' && asked > 0 && limit > 0);
  return { ...bounds, revision: exact ? asked : undefined, after: undefined, wait: asked };
}

function refuseListOptions(scope: RequestScope, asked: number | undefined, match: string, token: string): void {
  const errors: FieldError[] = [
    ...(parseOptionalFlag(scope.request.query, 'sendInitialEvents') === undefined
      ? []
      : [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')]),
    ...matchErrors(asked, match, token),
  ];
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

function matchErrors(asked: number | undefined, match: string, token: string): FieldError[] {
  if (match === '') return [];
  const field = 'resourceVersionMatch';
  const unless = (holds: boolean, why: string) => (holds ? [] : [forbiddenField(field, `${field} ${why}`)]);
  return [
    ...unless(asked !== undefined, 'is forbidden unless resourceVersion is provided'),
    ...unless(token === '', 'is forbidden when continue is provided'),
    ...(match === 'Exact' || match === 'NotOlderThan'
      ? []
      : [unsupportedField(field, match, ['Exact', 'NotOlderThan', ''])]),
    ...unless(match !== 'Exact' || asked !== 0, '"exact" is forbidden for resourceVersion "0"'),
  ];
}
