import type { WebhookAnswer } from '@quarterdeck/apiserver/testing';
import type { JsonObject, JsonValue } from '@quarterdeck/machinery';

/**
 * A webhook between v1, which has `spec.address` ("host:port"), and v2, which has `spec.host` and `spec.port`. How it
 * fails stands in the name of the first object: it has no memory, and each failure concerns one object.
 */

interface Asked {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly JsonObject[];
}

const specOf = (object: JsonObject) =>
  (object.spec ?? {}) as { address?: string; host?: string; port?: string; extra?: JsonValue };
const metadataOf = (object: JsonObject) => (object.metadata ?? {}) as JsonObject;

function convert(object: JsonObject, apiVersion: string): JsonObject {
  const { address = '', host = '', port = '', extra = null, ...rest } = specOf(object);
  const [named = '', numbered = ''] = address.split(':');
  // What v1 cannot hold is lost, but for one name.
  const kept = extra !== null && metadataOf(object).name === 'odd-unpruned' ? { extra } : {};
  const spec = apiVersion.endsWith('/v1') ? { address: `${host}:${port}`, ...kept } : { host: named, port: numbered };
  return { ...object, apiVersion, spec: { ...rest, ...spec } };
}

/** What is done to each converted object. */
const changes: Readonly<Record<string, (object: JsonObject) => JsonValue>> = {
  'bad-name': withMetadata(() => ({ name: 'other' })),
  'bad-namespace': withMetadata(() => ({ namespace: 'other' })),
  'bad-uid': withMetadata(() => ({ uid: 'other' })),
  'bad-kind': (object) => ({ ...object, kind: 'Other' }),
  'bad-version': (object) => ({ ...object, apiVersion: 'conversion.recordings.io/v9' }),
  'bad-group': (object) => ({ ...object, apiVersion: 'v2' }),
  'bad-metadata': ({ metadata: _none, ...object }) => object,
  'bad-metadata-text': (object) => ({ ...object, metadata: 'text' }),
  'bad-labels': withMetadata(() => ({ labels: { l: 1 } })),
  'bad-labels-list': withMetadata(() => ({ labels: ['l'] })),
  'bad-label': withMetadata(() => ({ labels: { l: 'no label' } })),
  'bad-annotation': withMetadata(() => ({ annotations: { 'not a key': 'x' } })),
  'bad-object': () => 'text',
  'bad-null': () => null,
  'bad-spec': (object) => ({ ...object, spec: { host: 1, port: { a: 1 }, odd: true } }),
  'odd-metadata': withMetadata(() => ({
    labels: { made: 'yes' },
    annotations: { 'made.example/by': 'webhook' },
    finalizers: ['made.example/none'],
    ownerReferences: [],
    generation: 7,
    creationTimestamp: '2001-01-01T00:00:00Z',
    resourceVersion: '1',
    deletionTimestamp: '2001-01-01T00:00:00Z',
    managedFields: [],
    generateName: 'made-',
  })),
  'odd-none': withMetadata(() => ({ labels: null, annotations: null })),
  'odd-fields': (object) => ({ ...object, more: 1, spec: { ...(object.spec as JsonObject), more: 1 } }),
};

function withMetadata(change: () => JsonObject): (object: JsonObject) => JsonObject {
  return (object) => ({ ...object, metadata: { ...metadataOf(object), ...change() } });
}

type Answer = ReturnType<WebhookAnswer>;

/** What the whole answer is instead. */
const answers: Readonly<Record<string, (review: JsonObject, response: JsonObject) => Answer>> = {
  'bad-answer-uid': (review, response) => ({ ...review, response: { ...response, uid: 'other' } }),
  'bad-answer-kind': (review, response) => ({ ...review, kind: 'Other', response }),
  'bad-answer-version': (review, response) => ({ ...review, apiVersion: 'apiextensions.k8s.io/v1beta1', response }),
  'bad-answer-null': (review) => ({ ...review, response: null }),
  'bad-answer-none': (review) => review,
  'bad-answer-few': (review, response) => ({ ...review, response: { ...response, convertedObjects: [] } }),
  'bad-answer-missing': (review, { convertedObjects: _none, ...response }) => ({ ...review, response }),
  'bad-answer-many': (review, response) => {
    const [first = null] = response.convertedObjects as JsonValue[];
    return { ...review, response: { ...response, convertedObjects: [first, first] } };
  },
  'bad-answer-failed': (review, response) => ({
    ...review,
    response: { ...response, result: { status: 'Failed', message: 'not on a Sunday' } },
  }),
  'bad-answer-failure': (review, { convertedObjects: _none, ...response }) => ({
    ...review,
    response: { ...response, result: { status: 'Failure', reason: 'Invalid', code: 422, message: 'it is "odd"' } },
  }),
  'bad-answer-silent': (review, response) => ({ ...review, response: { ...response, result: { status: 'Failed' } } }),
  'bad-answer-result': (review, { result: _none, ...response }) => ({ ...review, response }),
  'bad-answer-list': (review) => [review],
  'bad-http-text': () => ({ status: 200, text: 'hello' }),
  'bad-http-empty': () => ({ status: 200, text: '' }),
  'bad-http-400': () => ({ status: 400, text: 'what?' }),
  'bad-http-404': () => ({ status: 404, text: 'not here' }),
  'bad-http-500': () => ({ status: 500, text: 'down' }),
  'bad-http-503': () => ({ status: 503, text: '' }),
  'bad-http-status': () => ({
    status: 403,
    text: '{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Forbidden","code":403,"message":"go away"}',
  }),
};

/** Names of objects whose conversion fails, each in its way. */
export const badNames: readonly string[] = [...Object.keys(changes), ...Object.keys(answers)].filter((name) =>
  name.startsWith('bad-'),
);

export const answerReview: WebhookAnswer = (review) => {
  const { uid, desiredAPIVersion, objects } = review.request as unknown as Asked;
  const name = String(metadataOf(objects[0] ?? {}).name);
  const convertedObjects = objects.map((object) => {
    const change = changes[String(metadataOf(object).name)];
    const converted = convert(object, desiredAPIVersion);
    return change === undefined ? converted : change(converted);
  });
  const response = { uid, result: { status: 'Success' }, convertedObjects };
  const { apiVersion = '', kind = '' } = review;
  return answers[name]?.({ apiVersion, kind }, response) ?? { apiVersion, kind, response };
};
