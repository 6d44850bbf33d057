import { encodeJson, equalValues, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { objectAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { annotationErrors, labelErrors } from '../../registry/metadata.ts';

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

/** Objects are sent without their revision, which says nothing of their form. */
export function conversionReview({ uid, objects, desiredApiVersion, reviewVersion }: ConversionRequest): JsonObject {
  const sent = objects.map((object) => withValue(object, ['metadata', 'resourceVersion'], undefined));
  const request: JsonObject = { uid, desiredAPIVersion: desiredApiVersion, objects: sent };
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
  const isOne = asked.objects.length === 1;
  const fail = (what: string, problem: string) =>
    new BadConversionError(`conversion webhook for ${of} returned invalid ${what}: ${problem}`);
  return asked.objects.map((original, index) => {
    const object = converted[index];
    const otherType = typeProblem(original, object, asked.desiredApiVersion);
    if (otherType !== undefined) throw fail(`${isOne ? '' : 'converted '}object at index ${index}`, otherType);
    const other = identityProblem(original, object as JsonObject);
    if (other !== undefined) throw fail(isOne ? 'object' : `converted object at index ${index}`, other);
    const metadata = metadataOf(original, object as JsonObject);
    if (typeof metadata !== 'string') return { ...(object as JsonObject), metadata };
    throw fail(isOne ? 'metadata' : `metadata in object at index ${index}`, metadata);
  });
}

/** As Go prints a GroupVersionKind. */
export const typeName = (object: JsonObject): string =>
  `${stringAt(object, 'apiVersion')}, Kind=${stringAt(object, 'kind')}`;

function listOf(review: JsonObject, { uid, reviewVersion }: ConversionRequest, of: string): readonly JsonValue[] {
  const fail = (why: string) => new BadConversionError(`conversion webhook for ${of} failed: ${why}`);
  const response = valueAt(review, 'response');
  const { apiVersion, kind } = reviewType(reviewVersion);
  // The older version had neither to name its type nor to repeat the uid.
  const isOld = reviewVersion === 'v1beta1';
  const given = isOld ? { apiVersion, kind, ...review } : review;
  if (given.apiVersion !== apiVersion || given.kind !== kind) {
    throw fail(`expected webhook response of ${apiVersion}, Kind=${kind}, got ${typeName(review)}`);
  }
  if (!isJsonObject(response)) throw fail('no response provided');
  if (!isOld && response.uid !== uid) {
    throw fail(`expected response.uid="${uid}", got ${encodeJson(stringAt(response, 'uid'))}`);
  }
  const result = objectAt(response, 'result');
  if (result.status !== 'Success') {
    throw fail(
      stringAt(result, 'message') || `response.result.status was '${stringAt(result, 'status')}', not 'Success'`,
    );
  }
  const objects = response.convertedObjects;
  return Array.isArray(objects) ? objects : [];
}

function typeProblem(original: JsonObject, object: JsonValue | undefined, apiVersion: string): string | undefined {
  if (!isJsonObject(object)) return 'it is not an object';
  const different = (what: string, expected: JsonValue, received: JsonValue) =>
    `invalid ${what} (expected ${String(expected)}, received ${String(received)})`;
  if (object.apiVersion !== apiVersion) return different('groupVersion', apiVersion, object.apiVersion ?? '');
  if (object.kind !== original.kind) return different('kind', original.kind ?? '', object.kind ?? '');
  return undefined;
}

function identityProblem(original: JsonObject, object: JsonObject): string | undefined {
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
    const [error] = equalValues(texts, objectAt(original, 'metadata', field)) ? [] : checks[field](texts);
    if (error !== undefined) return `${error.field}: ${error.message}`;
    if (Object.keys(texts).length > 0) next[field] = texts;
  }
  return next;
}

/** What a webhook makes of these is judged as if a client had sent it. */
const checks = { labels: labelErrors, annotations: annotationErrors };
