import { type JsonObject, type JsonValue, parseStructural, withObjectFrame } from '@quarterdeck/machinery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdmissionPlugin } from '../../admission/admission.ts';
import type { ResourceDefinition, VersionDefinition } from '../../registry/definition.ts';
import { stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

/** Whatever a request asks for, data.pinned stays. */
const pinning: AdmissionPlugin = {
  name: 'Pinning',
  handles: ({ kind, oldObject = {} }) => kind === 'ConfigMap' && valueAt(oldObject, 'data', 'pinned') !== undefined,
  mutate: ({ object, oldObject = {} }) => withValue(object, ['data', 'pinned'], stringAt(oldObject, 'data', 'pinned')),
};

const [v1] = widgets.versions as [VersionDefinition];

/** A new object that says `data.mark` gets another field from the server. */
const marking: AdmissionPlugin = {
  name: 'Marking',
  handles: ({ operation, object }) => operation === 'CREATE' && valueAt(object ?? {}, 'data', 'mark') !== undefined,
  mutate: ({ object }) => withValue(object, ['data', 'marked'], 'yes'),
};

/** Gadgets are widgets in two versions, of which the second knows one field more. */
const gadgets: ResourceDefinition = {
  ...widgets,
  plural: 'gadgets',
  singular: 'gadget',
  kind: 'Gadget',
  listKind: 'GadgetList',
  shortNames: [],
  versions: [v1, { ...v1, name: 'v2', schema: withSpecField('label', { type: 'string' }) }],
};

function withSpecField(name: string, schema: JsonObject): VersionDefinition['schema'] {
  const { spec = {}, ...rest } = v1.schema.properties ?? {};
  const field = parseStructural(schema);
  return withObjectFrame({
    ...v1.schema,
    properties: { ...rest, spec: { ...spec, properties: { ...spec.properties, [name]: field } } },
  });
}

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer({ definitions: [widgets, gadgets], admission: [pinning, marking] });
});
afterAll(() => running[Symbol.asyncDispose]());

async function call(method: string, url: string, body?: JsonObject, type = 'application/json') {
  const request = { method, url, headers: { 'content-type': type } };
  return send(running.server.pipeline, body === undefined ? request : { ...request, body });
}

const apply = (url: string, manager: string, object: JsonObject, force = false) =>
  call('PATCH', `${url}?fieldManager=${manager}&force=${force}`, object, 'application/apply-patch+yaml');
const mergePatch = (url: string, manager: string, body: JsonObject) =>
  call('PATCH', `${url}?fieldManager=${manager}`, body, 'application/merge-patch+json');

const owners = ({ metadata }: JsonObject): JsonValue[][] =>
  (valueAt(metadata as JsonObject, 'managedFields') as JsonObject[])
    .map(({ manager = '', apiVersion = '', fieldsV1 = {} }) => [manager, apiVersion, fieldsV1])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
const gadgetUrl = (version: string, name: string) => `/apis/x.io/${version}/namespaces/default/gadgets/${name}`;
const gadget = (version: string, name: string, spec: JsonObject): JsonObject => ({
  apiVersion: `x.io/${version}`,
  kind: 'Gadget',
  metadata: { name },
  spec,
});
const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('managers in several API versions', () => {
  test('KA-79 a conflict is found across versions, an equal value is shared', async () => {
    await apply(gadgetUrl('v1', 'across'), 'one', gadget('v1', 'across', { color: 'red' }));
    const shared = await apply(gadgetUrl('v2', 'across'), 'two', gadget('v2', 'across', { color: 'red' }));
    const color = { 'f:spec': { 'f:color': {} } };
    expect([shared.status, owners(shared.json)]).toEqual([
      200,
      [
        ['one', 'x.io/v1', color],
        ['two', 'x.io/v2', color],
      ],
    ]);
    const other = await apply(gadgetUrl('v2', 'across'), 'two', gadget('v2', 'across', { color: 'green' }));
    expect([other.status, other.json.message]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "one": .spec.color',
    ]);
  });

  test('KA-79 an update in one version takes fields from owners in another', async () => {
    await apply(gadgetUrl('v1', 'taken'), 'one', gadget('v1', 'taken', { color: 'red', replicas: 1 }));
    const { json } = await mergePatch(gadgetUrl('v2', 'taken'), 'two', { spec: { color: 'green', label: 'x' } });
    expect(owners(json)).toEqual([
      ['one', 'x.io/v1', { 'f:spec': { 'f:replicas': {} } }],
      ['two', 'x.io/v2', { 'f:spec': { 'f:color': {}, 'f:label': {} } }],
    ]);
  });

  test('KA-79 entries of a version that is not served are dropped with the next change', async () => {
    const metadata = { name: 'gone', managedFields: [foreignEntry('x.io/v0')] };
    await call('POST', '/apis/x.io/v1/namespaces/default/gadgets?fieldManager=one', {
      ...gadget('v1', 'gone', { color: 'red' }),
      metadata,
    });
    const { json } = await mergePatch(gadgetUrl('v1', 'gone'), 'two', { spec: { replicas: 2 } });
    expect(owners(json).map(([manager]) => manager)).not.toContain('ancient');
  });

  test('KA-79 the two views of an event share its managers', async () => {
    const url = '/api/v1/namespaces/default/events';
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { kind: 'ConfigMap', name: 'x', namespace: 'default' },
      reason: 'Tested',
      message: 'old',
      type: 'Normal',
    };
    expect((await call('POST', `${url}?fieldManager=core`, event)).status).toBe(201);
    const view = '/apis/events.k8s.io/v1/namespaces/default/events/e';
    const { status, json } = await mergePatch(view, 'new', { note: 'fresh' });
    expect([status, owners(json)]).toEqual([
      200,
      [
        ['core', 'v1', { 'f:involvedObject': {}, 'f:reason': {}, 'f:type': {} }],
        ['new', 'events.k8s.io/v1', { 'f:note': {} }],
      ],
    ]);
  });
});

function foreignEntry(apiVersion: string): JsonObject {
  const fieldsV1 = { 'f:spec': { 'f:color': {} } };
  return {
    manager: 'ancient',
    operation: 'Update',
    apiVersion,
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

describe('what a request may own', () => {
  test('KA-76 several conflicts are listed by manager', async () => {
    await apply(`${configMaps}/listed`, 'one', configMap('listed', { a: '1', b: '1' }));
    const { json } = await apply(`${configMaps}/listed`, 'two', configMap('listed', { a: '2', b: '2' }));
    expect(json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.b' },
        ],
      },
    });
  });

  test('KA-73 KA-64 a status apply to a custom object owns status alone', async () => {
    const url = gadgetUrl('v1', 'reset');
    await apply(url, 'one', gadget('v1', 'reset', { color: 'red' }));
    const status = { ...gadget('v1', 'reset', { color: 'red' }), status: { phase: 'Up' } };
    const labelled = { ...status, metadata: { name: 'reset', labels: { a: 'b' } } };
    const { json } = await apply(`${url}/status`, 'two', labelled);
    expect([json.status, valueAt(json, 'metadata', 'labels'), owners(json)]).toEqual([
      { phase: 'Up' },
      undefined,
      [
        ['one', 'x.io/v1', { 'f:spec': { 'f:color': {} } }],
        ['two', 'x.io/v1', { 'f:status': { 'f:phase': {} } }],
      ],
    ]);
  });
});

describe('writes that come to nothing', () => {
  test('KA-56 what admission takes back leaves resourceVersion and times', async () => {
    const url = `${configMaps}/pinned`;
    await apply(url, 'one', configMap('pinned', { pinned: '1' }));
    const before = await apply(url, 'two', configMap('pinned', { pinned: '2' }), true);
    expect(valueAt(before.json, 'data', 'pinned')).toBe('1');
    const again = await apply(url, 'two', configMap('pinned', { pinned: '2' }), true);
    expect(again.json).toEqual(before.json);
    expect((await mergePatch(url, 'two', { data: { pinned: '3' } })).json).toEqual(before.json);
  });

  test('KA-53 nobody owns what admission adds', async () => {
    const applied = await apply(`${configMaps}/marked`, 'one', configMap('marked', { mark: '2' }));
    expect(applied.json.data).toEqual({ mark: '2', marked: 'yes' });
    expect(owners(applied.json)).toEqual([['one', 'v1', { 'f:data': { 'f:mark': {} } }]]);
    const created = await call('POST', `${configMaps}?fieldManager=one`, configMap('marked-too', { mark: '2' }));
    expect(created.json.data).toEqual({ mark: '2', marked: 'yes' });
    expect(owners(created.json)).toEqual([['one', 'v1', { 'f:data': { '.': {}, 'f:mark': {} } }]]);
  });

  test('KA-56 an object stored under an older schema is rewritten by a write that changes nothing', async () => {
    const url = '/apis/x.io/v1/namespaces/default/widgets';
    const created = await call('POST', url, {
      apiVersion: 'x.io/v1',
      kind: 'Widget',
      metadata: { name: 'old' },
      spec: {},
    });
    running.server.registry.register({
      ...widgets,
      versions: [{ ...v1, schema: withSpecField('added', { type: 'string', default: 'new' }) }],
    });
    const first = await mergePatch(`${url}/old`, 'one', {});
    expect(first.json.spec).toEqual({ size: 3, added: 'new' });
    expect(versionOf(first.json)).not.toBe(versionOf(created.json));
    expect((await mergePatch(`${url}/old`, 'one', {})).json).toEqual(first.json);
  });
});

const versionOf = (object: JsonObject) => stringAt(object, 'metadata', 'resourceVersion');
