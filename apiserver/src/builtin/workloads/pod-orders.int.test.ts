import type { JsonObject } from '@quarterdeck/machinery';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { objectAt, objectsAt } from '../../registry/fields.ts';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { dataDefinitions } from '../definitions.ts';

/** What is ordered of a pod by subresources: its node, more containers, other resources. */

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ definitions: dataDefinitions });
  await request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
});
afterEach(() => running[Symbol.asyncDispose]());

const pods = '/api/v1/namespaces/default/pods';
const request = (method: string, url: string, body?: JsonObject) =>
  send(running.server.pipeline, { method, url, ...(body === undefined ? {} : { body }) });

async function makePod(spec: JsonObject = {}, name = 'a'): Promise<JsonObject> {
  const container = { name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Gi' } } };
  const made = await request('POST', pods, { metadata: { name }, spec: { containers: [container], ...spec } });
  expect(made.status, made.text).toBe(201);
  return made.json;
}
const getPod = async () => (await request('GET', `${pods}/a`)).json;

const binding = (metadata: JsonObject = {}, target: JsonObject = { kind: 'Node', name: 'n1' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'a', ...metadata },
  target,
});
const bind = (body: JsonObject, query = '') => request('POST', `${pods}/a/binding${query}`, body);

describe('pods/binding', () => {
  test('KA-3 puts a pod onto a node, once', async () => {
    const before = await makePod();
    const answer = await bind(binding({ annotations: { by: 'me' }, labels: { zone: 'z1' } }));
    expect([answer.status, answer.json]).toEqual([
      201,
      { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    ]);
    const after = await getPod();
    expect(objectAt(after, 'spec').nodeName).toBe('n1');
    expect(objectAt(after, 'metadata')).toMatchObject({ annotations: { by: 'me' }, labels: { zone: 'z1' } });
    expect(objectAt(after, 'metadata').generation).toBe(objectAt(before, 'metadata').generation);
    expect(objectAt(after, 'metadata').managedFields).toEqual(objectAt(before, 'metadata').managedFields);
    expect(objectsAt(after, 'status', 'conditions')).toEqual([
      { type: 'PodScheduled', status: 'True', lastTransitionTime: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    const again = await bind(binding({}, { name: 'n2' }));
    expect([again.status, again.json.reason, again.json.message]).toEqual([
      409,
      'Conflict',
      'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    ]);
  });

  test('KA-3 a pod with a gate, one that is of another time, and one that is not there stay as they are', async () => {
    const { metadata } = await makePod({ schedulingGates: [{ name: 'example.com/wait' }] });
    const gated = await bind(binding());
    expect([gated.status, gated.json.message]).toEqual([
      409,
      'Operation cannot be fulfilled on pods/binding "a": pod a has non-empty .spec.schedulingGates',
    ]);
    await request('PUT', `${pods}/a`, {
      ...(await getPod()),
      spec: { ...objectAt(await getPod(), 'spec'), schedulingGates: [] },
    });
    expect((await bind(binding({ uid: 'other' }))).json.reason).toBe('Conflict');
    expect((await bind(binding({ resourceVersion: (metadata as JsonObject).resourceVersion ?? '' }))).json.reason).toBe(
      'Conflict',
    );
    expect(objectAt(await getPod(), 'spec').nodeName).toBeUndefined();
    expect((await request('POST', `${pods}/b/binding`, binding({ name: 'b' }))).status).toBe(404);
  });

  test('KA-3 KA-60 a dry run binds nothing', async () => {
    await makePod();
    expect((await bind(binding(), '?dryRun=All')).status).toBe(201);
    expect(objectAt(await getPod(), 'spec').nodeName).toBeUndefined();
  });

  test.each([
    { name: 'another name', body: binding({ name: 'b' }), status: 400 },
    { name: 'no node', body: binding({}, { kind: 'Node', name: '' }), status: 422 },
    { name: 'a target that is no node', body: binding({}, { kind: 'Pod', name: 'p' }), status: 422 },
    { name: 'another kind', body: { ...binding(), kind: 'Pod' }, status: 400 },
  ])('KA-3 a Binding with $name is $status', async ({ body, status }) => {
    await makePod();
    expect((await bind(body)).status).toBe(status);
  });

  test('KA-3 bindings does the same by the name in the body', async () => {
    await makePod();
    const answer = await request('POST', '/api/v1/namespaces/default/bindings', binding());
    expect([answer.status, answer.json.status]).toEqual([201, 'Success']);
    expect(objectAt(await getPod(), 'spec').nodeName).toBe('n1');
    const again = await request('POST', '/api/v1/namespaces/default/bindings', binding());
    expect([again.status, again.json.reason]).toEqual([409, 'Conflict']);
  });

  test('KA-3 KA-10 discovery names them', async () => {
    const resources = objectsAt((await request('GET', '/api/v1')).json, 'resources');
    const shown = (name: string) => resources.find((resource) => resource.name === name);
    expect(shown('pods/binding')).toEqual({
      name: 'pods/binding',
      singularName: '',
      namespaced: true,
      kind: 'Binding',
      verbs: ['create'],
    });
    expect(shown('bindings')).toMatchObject({ kind: 'Binding', verbs: ['create'] });
    expect(shown('pods/resize')).toMatchObject({ kind: 'Pod', verbs: ['get', 'patch', 'update'] });
    expect((await request('GET', '/openapi/v3/api/v1')).text).toContain(
      '/api/v1/namespaces/{namespace}/pods/{name}/binding',
    );
  });
});

const put = async (subresource: string, change: (pod: JsonObject) => JsonObject) =>
  request('PUT', `${pods}/a/${subresource}`, change(await getPod()));
const causes = (json: JsonObject) =>
  objectsAt(json, 'details', 'causes').map(({ reason, field }) => `${String(reason)} ${String(field)}`);

describe('pods/ephemeralcontainers', () => {
  const debug = { name: 'debug', image: 'busybox' };
  const withEphemeral =
    (...ephemeralContainers: JsonObject[]) =>
    (pod: JsonObject) => ({
      ...pod,
      metadata: { ...objectAt(pod, 'metadata'), labels: { changed: 'too' } },
      spec: { ...objectAt(pod, 'spec'), activeDeadlineSeconds: 1, ephemeralContainers },
    });

  test('KA-3 adds containers, and changes nothing else', async () => {
    const before = await makePod();
    const { status, json, text } = await put('ephemeralcontainers', withEphemeral(debug));
    expect(status, text).toBe(200);
    expect(objectsAt(json, 'spec', 'ephemeralContainers')).toMatchObject([{ ...debug, imagePullPolicy: 'Always' }]);
    expect([objectAt(json, 'metadata').labels, objectAt(json, 'spec').activeDeadlineSeconds]).toEqual([
      undefined,
      undefined,
    ]);
    expect(objectAt(json, 'metadata').generation).toBe(Number(objectAt(before, 'metadata').generation ?? 0) + 1);
    const patched = await send(running.server.pipeline, {
      method: 'PATCH',
      url: `${pods}/a/ephemeralcontainers`,
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: { spec: { ephemeralContainers: [{ name: 'second', image: 'i', targetContainerName: 'c' }] } },
    });
    expect(patched.status, patched.text).toBe(200);
    expect(
      objectsAt(patched.json, 'spec', 'ephemeralContainers')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['debug', 'second']);
  });

  test('KA-3 those that are there stay as they are', async () => {
    await makePod();
    await put('ephemeralcontainers', withEphemeral(debug));
    const changed = await put('ephemeralcontainers', withEphemeral({ ...debug, image: 'other' }));
    expect([changed.status, causes(changed.json)]).toEqual([422, ['FieldValueForbidden spec.ephemeralContainers']]);
    const removed = await put('ephemeralcontainers', withEphemeral());
    expect([removed.status, removed.text]).toEqual([422, expect.stringContaining('may not be removed')]);
  });

  test.each<{ name: string; container: JsonObject; cause: string }>([
    {
      name: 'the name of another',
      container: { name: 'c', image: 'i' },
      cause: 'FieldValueDuplicate spec.ephemeralContainers[0].name',
    },
    {
      name: 'ports',
      container: { ...debug, ports: [{ containerPort: 1, protocol: 'TCP' }] },
      cause: 'FieldValueForbidden spec.ephemeralContainers[0].ports',
    },
    {
      name: 'resources',
      container: { ...debug, resources: { limits: { cpu: '1' } } },
      cause: 'FieldValueForbidden spec.ephemeralContainers[0].resources',
    },
    {
      name: 'a target that is not there',
      container: { ...debug, targetContainerName: 'x' },
      cause: 'FieldValueNotFound spec.ephemeralContainers[0].targetContainerName',
    },
  ])('KA-3 one with $name is refused', async ({ container, cause }) => {
    await makePod();
    const { status, json } = await put('ephemeralcontainers', withEphemeral(container));
    expect([status, causes(json)]).toEqual([422, [cause]]);
  });
});

describe('pods/resize', () => {
  const withContainer = (change: JsonObject) => (pod: JsonObject) => ({
    ...pod,
    spec: {
      ...objectAt(pod, 'spec'),
      activeDeadlineSeconds: 1,
      containers: objectsAt(pod, 'spec', 'containers').map((container) => ({ ...container, ...change })),
    },
  });

  test('KA-3 changes what containers ask for, and nothing else', async () => {
    await makePod();
    const resources = { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '3' } };
    const { status, json, text } = await put('resize', withContainer({ resources, image: 'other' }));
    expect(status, text).toBe(200);
    expect(objectsAt(json, 'spec', 'containers')[0]).toMatchObject({ image: 'i', resources });
    expect(objectAt(json, 'spec').activeDeadlineSeconds).toBeUndefined();
    const plain = await put('', withContainer({ resources: { requests: { cpu: '4', memory: '1Gi' } } }));
    expect(plain.status).toBe(422);
  });

  test.each<{ name: string; change: JsonObject; cause: string }>([
    {
      name: 'what was asked for goes',
      change: { resources: { requests: { cpu: '1' } } },
      cause: 'FieldValueForbidden spec.containers[0].resources.requests',
    },
    {
      name: 'something else is asked for',
      change: { resources: { requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' } } },
      cause: 'FieldValueForbidden spec',
    },
    {
      name: 'the class of the pod would change',
      change: { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } },
      cause: 'FieldValueInvalid spec',
    },
    {
      name: 'a container has another name',
      change: { name: 'd' },
      cause: 'FieldValueForbidden spec.containers[0].name',
    },
  ])('KA-3 it is refused when $name', async ({ change, cause }) => {
    await makePod();
    const { status, json, text } = await put('resize', withContainer(change));
    expect([status, causes(json)], text).toEqual([422, [cause]]);
  });
});
