import { apiError, apiVersionOf, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject, pruneValue } from '@quarterdeck/machinery';
import type { Entry } from '../cache/store.ts';
import type { ConvertObjects, ResourceDefinition } from '../registry/definition.ts';
import type { ResolvedResource } from '../registry/registry.ts';
import { conformStored } from './schema-pass.ts';
import type { RequestScope } from './scope.ts';
import { awaitsConversion, keepConverted, storedObject } from './served.ts';

/**
 * Conversion by webhooks takes time, and everything that shows or changes an object does not. So it comes first: before
 * entries are shown, they are converted; and a change that turns out to need a conversion stops, waits for it, and is
 * worked out once more. KA-106b
 */

/** Whether the objects of a kind become another version's by asking a webhook. */
export const isConvertedByWebhook = ({ definition }: ResolvedResource): boolean =>
  definition.conversion?.webhook !== undefined;

/**
 * Makes these entries fit to be shown in the version of the resource. At once for kinds without a webhook.
 * @throws ApiError InternalError; what `signal` aborts with
 */
export async function convertEntries(
  resource: ResolvedResource,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<void> {
  const webhook = resource.definition.conversion?.webhook;
  if (webhook === undefined) return;
  const waiting = entries.filter((entry) => awaitsConversion(resource, entry));
  if (waiting.length === 0) return;
  const { definition, version } = resource;
  const objects = waiting.map((entry) => conformedAsStored(definition, storedObject(resource, entry)));
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  const shown = await webhook(objects, apiVersion, signal);
  waiting.forEach((entry, index) => {
    const { value } = pruneValue(shown[index] ?? {}, version.schema, { isRoot: true });
    keepConverted(resource, entry, value);
  });
}

/** A webhook gets objects as its own version has them now: pruned and with defaults. */
function conformedAsStored(definition: ResourceDefinition, object: JsonObject): JsonObject {
  const version = definition.versions.find(
    ({ name }) => apiVersionOf({ group: definition.group, version: name }) === object.apiVersion,
  );
  return version === undefined ? object : conformStored(object, version.schema);
}

/**
 * One object of this request in another version of its kind, by webhook.
 * @throws ApiError InternalError; what the request's signal aborts with
 */
export async function convertObject(
  { resource, signal }: Pick<RequestScope, 'resource' | 'signal'>,
  object: JsonObject,
  version: string,
): Promise<JsonObject> {
  const { definition } = resource;
  const apiVersion = apiVersionOf({ group: definition.group, version });
  const webhook = definition.conversion?.webhook;
  if (webhook === undefined || object.apiVersion === apiVersion) return { ...object, apiVersion };
  const [converted = {}] = await webhook([object], apiVersion, signal);
  const schema = definition.versions.find(({ name }) => name === version)?.schema;
  return schema === undefined ? converted : pruneValue(converted, schema, { isRoot: true }).value;
}

/** Stops work that cannot go on before a webhook has answered. */
class ConversionNeeded extends Error {
  override readonly name = 'ConversionNeeded';
  readonly webhook: ConvertObjects;
  readonly object: JsonObject;
  readonly apiVersion: string;

  constructor(webhook: ConvertObjects, object: JsonObject, apiVersion: string) {
    super(`an object must be converted to ${apiVersion} first`);
    this.webhook = webhook;
    this.object = object;
    this.apiVersion = apiVersion;
  }
}

/** What was converted for work that is being done over, by webhook; forgotten when that work is done. */
const answers = new WeakMap<ConvertObjects, Map<string, JsonObject>>();

/** What {@link withConversions} has learnt of this object, for the work that it runs. */
export function converted(webhook: ConvertObjects, object: JsonObject, apiVersion: string): JsonObject {
  if (object.apiVersion === apiVersion) return object;
  const known = answers.get(webhook)?.get(keyOf(object, apiVersion));
  if (known === undefined) throw new ConversionNeeded(webhook, object, apiVersion);
  return known;
}

const keyOf = (object: JsonObject, apiVersion: string): string => `${apiVersion} ${encodeJson(object)}`;

/** More conversions than any number of versions and managers can need. */
const mostConversions = 64;

/**
 * Runs work that may call {@link converted}: again and again, until all conversions that it asks for are known. The work
 * must be pure, so that it asks the same each time. For kinds without a webhook it is just run.
 */
export function withConversions<T>(scope: Pick<RequestScope, 'resource' | 'signal'>, work: () => T): T | Promise<T> {
  return isConvertedByWebhook(scope.resource) ? replayed(scope.signal, work) : work();
}

async function replayed<T>(signal: AbortSignal, work: () => T): Promise<T> {
  const own: (readonly [ConvertObjects, string])[] = [];
  try {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof ConversionNeeded)) throw error;
        if (own.length === mostConversions) throw tooMany();
        const { webhook, object, apiVersion } = error;
        const [answer = {}] = await webhook([object], apiVersion, signal);
        const key = keyOf(object, apiVersion);
        const known = answers.get(webhook) ?? new Map<string, JsonObject>();
        answers.set(webhook, known.set(key, answer));
        own.push([webhook, key]);
      }
    }
  } finally {
    for (const [webhook, key] of own) answers.get(webhook)?.delete(key);
  }
}

const tooMany = () =>
  apiError(StatusReason.InternalError, `the write needs more than ${mostConversions} conversions of its object`);
