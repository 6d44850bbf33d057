import { encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { objectAt, stringAt, valueAt } from '../../registry/fields.ts';

/** What is wrong with a webhook's answer; the words follow those of Kubernetes. KA-106b */
export class BadConversionError extends Error {
  override readonly name = 'BadConversionError';
}

export interface ConversionRequest {
  /** Of the request; the answer repeats it. */
  readonly uid: string;
  /** Of one kind, each in another version than the one asked for. */
  readonly objects: readonly JsonObject[];
  readonly desiredApiVersion: string;
  /** `v1` or `v1beta1`: the first of the CRD's list that is known here. */
  readonly reviewVersion: string;
}

export const reviewVersions: readonly string[] = ['v1', 'v1beta1'];

const reviewType = (version: string) => ({ apiVersion: `apiextensions.k8s.io/${version}`, kind: 'ConversionReview' });

export function conversionReview({ uid, objects, desiredApiVersion, reviewVersion }: ConversionRequest): JsonObject {
  const request: JsonObject = { uid, desiredAPIVersion: desiredApiVersion, objects: [...objects] };
  return { ...reviewType(reviewVersion), request };
}

/**
 * The converted objects of an answer, in the order of the request: of their metadata only labels and annotations are the
 * webhook's, everything else stays as it was. KA-106b
 * @throws BadConversionError
 */
export function readConversion(review: JsonObject, asked: ConversionRequest): JsonObject[] {
  const of = typeName(asked.objects[0] ?? {});
  const converted = listOf(review, asked, of);
  if (converted.length !== asked.objects.length) {
    const counts = `returned ${converted.length} objects, expected ${asked.objects.length}`;
    throw new BadConversionError(`conversion webhook for ${of} ${counts}`);
  }
  return asked.objects.map((original, index) => {
    const place = `conversion webhook for ${of} returned invalid`;
    const object = converted[index];
    const problem = problemOf(original, object, asked.desiredApiVersion);
    if (problem !== undefined) throw new BadConversionError(`${place} converted object at index ${index}: ${problem}`);
    const metadata = metadataOf(original, object as JsonObject);
    if (typeof metadata !== 'string') return { ...(object as JsonObject), metadata };
    throw new BadConversionError(`${place} metadata in object at index ${index}: ${metadata}`);
  });
}

/** As Go prints a GroupVersionKind. */
export const typeName = (object: JsonObject): string =>
  `${stringAt(object, 'apiVersion')}, Kind=${stringAt(object, 'kind')}`;

function listOf(review: JsonObject, { uid, reviewVersion }: ConversionRequest, of: string): readonly JsonValue[] {
  const fail = (why: string) => new BadConversionError(`conversion webhook for ${of} failed: ${why}`);
  const response = valueAt(review, 'response');
  if (reviewVersion === 'v1') {
    const { apiVersion, kind } = reviewType(reviewVersion);
    if (review.apiVersion !== apiVersion || review.kind !== kind) {
      throw fail(`expected webhook response of ${apiVersion}, Kind=${kind}, got ${typeName(review)}`);
    }
    if (!isJsonObject(response)) throw fail('no response provided');
    if (response.uid !== uid)
      throw fail(`expected response.uid="${uid}", got ${encodeJson(stringAt(response, 'uid'))}`);
  }
  if (!isJsonObject(response)) throw fail('no response provided');
  const result = objectAt(response, 'result');
  if (result.status !== 'Success') {
    throw fail(
      stringAt(result, 'message') || `response.result.status was '${stringAt(result, 'status')}', not 'Success'`,
    );
  }
  const objects = response.convertedObjects;
  return Array.isArray(objects) ? objects : [];
}

function problemOf(original: JsonObject, object: JsonValue | undefined, apiVersion: string): string | undefined {
  if (!isJsonObject(object)) return 'it is not an object';
  const different = (what: string, expected: JsonValue, received: JsonValue) =>
    `invalid ${what} (expected ${String(expected)}, received ${String(received)})`;
  if (object.apiVersion !== apiVersion) return different('groupVersion', apiVersion, object.apiVersion ?? '');
  if (object.kind !== original.kind) return different('kind', original.kind ?? '', object.kind ?? '');
  const fixed = ['name', 'namespace', 'uid'] as const;
  const wrong = fixed.find((field) => stringAt(object, 'metadata', field) !== stringAt(original, 'metadata', field));
  if (wrong === undefined) return undefined;
  const [before, after] = [stringAt(original, 'metadata', wrong), stringAt(object, 'metadata', wrong)];
  return `must have the same ${wrong === 'uid' ? 'UID' : wrong}: ${before} != ${after}`;
}

/** @returns what is wrong with it, where something is */
function metadataOf(original: JsonObject, converted: JsonObject): JsonObject | string {
  const { metadata } = converted;
  if (!isJsonObject(metadata)) return 'missing metadata in converted object';
  const { labels: _labels, annotations: _annotations, ...kept } = objectAt(original, 'metadata');
  const next: JsonObject = { ...kept };
  for (const field of ['labels', 'annotations'] as const) {
    const texts = metadata[field] ?? {};
    if (!isJsonObject(texts)) return `metadata.${field} is not a map`;
    const odd = Object.entries(texts).find(([, value]) => typeof value !== 'string');
    if (odd !== undefined) return `metadata.${field}[${odd[0]}] is not a string`;
    if (Object.keys(texts).length > 0) next[field] = texts;
  }
  return next;
}
