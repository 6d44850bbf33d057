import { apiError, StatusReason } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission/admission.ts';
import { withValue } from '../../registry/fields.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';

/** What admission sees, when, and what becomes of what it does. */
const seen: string[] = [];
let change: (object: JsonObject) => JsonObject;
let refuse: boolean;

const sizeOf = (object: JsonObject | undefined) =>
  object === undefined ? 'none' : JSON.stringify((object.spec as JsonObject | undefined)?.size ?? 'unset');
const note = (step: string, { operation, dryRun, object, oldObject }: AdmissionAttributes) =>
  seen.push(`${step} ${operation}${dryRun ? ' dry' : ''} ${sizeOf(oldObject)} -> ${sizeOf(object)}`);

const plugin = (name: string, mutate: (object: JsonObject) => JsonObject): AdmissionPlugin => ({
  name,
  handles: ({ kind }) => kind === 'Widget',
  mutate(attributes) {
    note(`${name} mutates`, attributes);
    return mutate(attributes.object);
  },
  validate(attributes) {
    note(`${name} validates`, attributes);
    if (refuse) throw apiError(StatusReason.Forbidden, 'the test says no');
  },
});

let server: TestServer;
beforeAll(async () => {
  const admission = [plugin('first', (object) => change(object)), plugin('second', (object) => object)];
  server = await startTestServer({ definitions: [widgets], admission });
});
afterAll(() => server[Symbol.asyncDispose]());

const call = (request: TestRequest) => send(server.server.pipeline, request);
const url = '/apis/x.io/v1/namespaces/default/widgets';
const widget = (name: string, spec: JsonObject): JsonObject => ({
  apiVersion: 'x.io/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});
const create = (name: string, spec: JsonObject, query = '') =>
  call({ method: 'POST', url: `${url}${query}`, body: widget(name, spec) });

beforeEach(() => {
  seen.length = 0;
  change = (object) => object;
  refuse = false;
});

describe('admission', () => {
  test('KA-135a on create all mutate, in order, what has its defaults; then all validate what will be stored', async () => {
    change = (object) => withValue(object, ['spec', 'size'], 5);
    const { status, json } = await create('created', {});
    expect([status, (json.spec as JsonObject).size]).toEqual([201, 5]);
    expect(seen).toEqual([
      'first mutates CREATE none -> 3',
      'second mutates CREATE none -> 5',
      'first validates CREATE none -> 5',
      'second validates CREATE none -> 5',
    ]);
  });

  test('KA-135a what a mutation takes away is defaulted again before it is validated', async () => {
    change = (object) => ({ ...object, spec: {} });
    const { json } = await create('again', { size: 4 });
    expect((json.spec as JsonObject).size).toBe(3);
    expect(seen.filter((step) => step.includes('validates'))).toEqual([
      'first validates CREATE none -> 3',
      'second validates CREATE none -> 3',
    ]);
  });

  test('KA-135a what a mutation spoils is refused by the schema, and no rule is asked', async () => {
    change = (object) => withValue(object, ['spec', 'size'], -1);
    const { status, json } = await create('spoiled', {});
    expect([status, json.reason]).toEqual([422, 'Invalid']);
    expect(seen.filter((step) => step.includes('validates'))).toEqual([]);
    expect((await call({ url: `${url}/spoiled` })).status).toBe(404);
  });

  test('KA-135a a refusal stores nothing, and ends the asking', async () => {
    refuse = true;
    expect((await create('refused', {})).status).toBe(403);
    expect(seen.filter((step) => step.includes('validates'))).toEqual(['first validates CREATE none -> 3']);
    expect((await call({ url: `${url}/refused` })).status).toBe(404);
  });

  test('KA-135a KA-70 updates show both states, however they are written', async () => {
    await create('updated', { size: 1 });
    const at = `${url}/updated`;
    const { json } = await call({ url: at });
    const writes: TestRequest[] = [
      { method: 'PUT', url: at, body: { ...json, spec: { size: 2 } } },
      {
        method: 'PATCH',
        url: at,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { spec: { size: 6 } },
      },
      {
        method: 'PATCH',
        url: `${at}?fieldManager=m&force=true`,
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: widget('updated', { size: 7 }),
      },
    ];
    for (const write of writes) {
      seen.length = 0;
      expect((await call(write)).status).toBe(200);
      expect(seen.map((step) => step.replace(/ \S+ -> \S+$/, ''))).toEqual([
        'first mutates UPDATE',
        'second mutates UPDATE',
        'first validates UPDATE',
        'second validates UPDATE',
      ]);
    }
    expect(seen.at(-1)).toBe('second validates UPDATE 6 -> 7');
  });

  test('KA-135a KA-59 deletes show the old state alone, each object of a collection by itself', async () => {
    await create('gone-a', { size: 8 });
    await create('gone-b', { size: 8 });
    seen.length = 0;
    await call({ method: 'DELETE', url: `${url}/gone-a` });
    expect(seen).toEqual(['first validates DELETE 8 -> none', 'second validates DELETE 8 -> none']);
    seen.length = 0;
    refuse = true;
    expect((await call({ method: 'DELETE', url: `${url}?fieldSelector=metadata.name%3Dgone-b` })).status).toBe(403);
    expect(seen).toEqual(['first validates DELETE 8 -> none']);
    expect((await call({ url: `${url}/gone-b` })).status).toBe(200);
  });

  test('KA-135a KA-60a a dry run is admitted as such', async () => {
    await create('dry', {}, '?dryRun=All');
    expect(seen).toContain('first validates CREATE dry none -> 3');
  });
});
