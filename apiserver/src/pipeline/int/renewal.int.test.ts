import { encodeJson, type JsonObject, type JsonValue, systemClock } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leases } from '../../builtin/leases.ts';
import type { ResourceDefinition } from '../../registry/definition.ts';
import { objectAt } from '../../registry/fields.ts';
import { createMemoryDatabase } from '../../storage/memory.ts';
import { send, type TestRequest } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';

const base = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const url = `${base}/held`;
const merge = { 'content-type': 'application/merge-patch+json' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const apply = { 'content-type': 'application/apply-patch+yaml' };

const terms = { holderIdentity: 'm1', leaseDurationSeconds: 40 };
const timeAt = (second: number) => `2026-01-01T00:${String(second).padStart(2, '0')}:00.000000Z`;

interface Step {
  readonly manager: string;
  /** Before it; back as well, as wall clocks go. */
  readonly afterMs: number;
  readonly request: Omit<TestRequest, 'url'> & { readonly subject?: string };
}

const patch = (body: JsonValue, query = ''): Step['request'] => ({
  method: 'PATCH',
  headers: merge,
  body,
  subject: query,
});

const second = fc.integer({ min: 0, max: 59 });
const renewing = fc.oneof(
  second.map((at) => patch({ spec: { renewTime: timeAt(at), ...terms } })),
  second.map((at) => patch({ spec: { renewTime: timeAt(at) } })),
);
const other = fc.oneof(
  fc
    .constantFrom<JsonValue>(
      'never',
      '',
      null,
      7,
      timeAt(1),
      '2026-01-01T00:07:00Z',
      '2026-01-01T01:08:00.000000+01:00',
    )
    .map((renewTime) => patch({ spec: { renewTime } })),
  fc.constantFrom('m1', 'm2').map((holderIdentity) => patch({ spec: { renewTime: timeAt(3), holderIdentity } })),
  fc
    .constantFrom(0, 40, 41)
    .map((leaseDurationSeconds) => patch({ spec: { renewTime: timeAt(4), leaseDurationSeconds } })),
  fc
    .constantFrom<JsonValue>('x', null)
    .map((a) => patch({ metadata: { labels: { a } }, spec: { renewTime: timeAt(5) } })),
  second.map((at) => patch({ spec: { renewTime: timeAt(at), unknown: 1 } })),
  second.map((at) => patch({ spec: { renewTime: timeAt(at) } }, '&dryRun=All')),
  second.map((at) => patch({ kind: 'Lease', spec: { renewTime: timeAt(at) } })),
  second.map((at) => patch({ kind: 'Other', spec: { renewTime: timeAt(at) } })),
  second.map((at) =>
    patch(`{"spec":{"renewTime":"${timeAt(at)}","renewTime":"${timeAt(at)}"}}`, '&fieldValidation=Warn'),
  ),
  fc.constant(patch({ metadata: { managedFields: [] } })),
  second.map((at): Step['request'] => ({
    method: 'PATCH',
    headers: jsonPatch,
    body: [{ op: 'replace', path: '/spec/renewTime', value: timeAt(at) }],
  })),
  second.map((at): Step['request'] => ({
    method: 'PATCH',
    headers: apply,
    body: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { renewTime: timeAt(at) } },
    subject: '&force=true',
  })),
);
const step: fc.Arbitrary<Step> = fc.record({
  manager: fc.oneof({ weight: 3, arbitrary: fc.constant('agent') }, fc.constantFrom('other', '')),
  afterMs: fc.constantFrom(0, 400, 1000, 10_000, -5_000),
  request: fc.oneof({ weight: 3, arbitrary: renewing }, { weight: 2, arbitrary: other }),
});

const created = { metadata: { name: 'held' }, spec: { ...terms, acquireTime: timeAt(0), renewTime: timeAt(0) } };

/** Everything that a client is told, but for what differs from server to server. */
async function told({ server }: TestServer, name: string, { manager, request }: Step): Promise<unknown> {
  const { subject = '', ...rest } = request;
  const { status, headers, json } = await send(server.pipeline, {
    ...rest,
    url: `${base}/${name}?fieldManager=${manager}${subject}`,
  });
  const { json: stored } = await send(server.pipeline, { url: `${base}/${name}` });
  return { status, warning: headers.warning, json: withoutIdentity(json), stored: withoutIdentity(stored) };
}

function withoutIdentity(object: JsonObject): JsonObject {
  const {
    uid: _uid,
    resourceVersion: _revision,
    creationTimestamp: _created,
    ...metadata
  } = objectAt(object, 'metadata');
  return { ...object, metadata };
}

test('KA-142 a renewal that is not judged anew comes to what it would come to', async () => {
  const clock = fakeClock();
  await using one = await startTestServer({ clock });
  // Of two processes that take turns, each finds what it did not write, and judges it all.
  const database = createMemoryDatabase();
  await using even = await startTestServer({ clock, database });
  await using odd = await startTestServer({ clock, database });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const name = `held-${++count}`;
      for (const { server } of [one, even]) {
        const body = { ...created, metadata: { name } };
        await send(server.pipeline, { method: 'POST', url: `${base}?fieldManager=agent`, body });
      }
      for (const [index, each] of steps.entries()) {
        clock.jump(each.afterMs);
        const judged = await told(index % 2 === 0 ? odd : even, name, each);
        expect(await told(one, name, each)).toEqual(judged);
      }
    }),
  );
});

/** Leases whose kind counts how often it is asked whether one is right. */
function countedLeases(): { readonly definition: ResourceDefinition; readonly judged: () => number } {
  let count = 0;
  const validate = (object: JsonObject) => {
    count += 1;
    return leases.strategy.validate?.(object) ?? [];
  };
  const group = 'counted.example.org';
  return { definition: { ...leases, group, strategy: { ...leases.strategy, validate } }, judged: () => count };
}

test('KA-142 a renewal after a renewal is not judged anew, until somebody else has written', async () => {
  const { definition, judged } = countedLeases();
  const database = createMemoryDatabase();
  const options = { database, definitions: [definition], clock: systemClock };
  await using here = await startTestServer(options);
  await using there = await startTestServer(options);
  const counted = url.replace('coordination.k8s.io', definition.group);
  const renew = async ({ server }: TestServer, at: number) => {
    const before = judged();
    const body = encodeJson({ spec: { renewTime: timeAt(at), ...terms } });
    const request = { method: 'PATCH', url: `${counted}?fieldManager=agent`, headers: merge, body };
    const { status } = await send(server.pipeline, request);
    return { status, judged: judged() - before };
  };
  await send(here.server.pipeline, {
    method: 'POST',
    url: `${base.replace('coordination.k8s.io', definition.group)}?fieldManager=agent`,
    body: created,
  });
  expect(await renew(here, 1)).toEqual({ status: 200, judged: 1 });
  for (let at = 2; at < 12; at++) expect(await renew(here, at)).toEqual({ status: 200, judged: 0 });
  expect(await renew(there, 20)).toEqual({ status: 200, judged: 1 });
  expect(await renew(here, 21)).toEqual({ status: 200, judged: 1 });
  expect(await renew(here, 22)).toEqual({ status: 200, judged: 0 });
});

test('KA-135, KA-142 admission judges every renewal, and may change it', async () => {
  const clock = fakeClock();
  let refuses = false;
  await using server = await startTestServer({
    clock,
    admission: [
      {
        name: 'Moody',
        handles: ({ resource }) => resource === 'leases',
        mutate: ({ object }) =>
          objectAt(object, 'spec').renewTime === timeAt(3)
            ? { ...object, spec: { ...objectAt(object, 'spec'), leaseTransitions: 1 } }
            : object,
        validate: () => {
          if (refuses) throw new Error('not now');
        },
      },
    ],
  });
  const renew = (at: number) =>
    send(server.server.pipeline, {
      method: 'PATCH',
      url: `${url}?fieldManager=agent`,
      headers: merge,
      body: { spec: { renewTime: timeAt(at) } },
    });
  await send(server.server.pipeline, { method: 'POST', url: `${base}?fieldManager=agent`, body: created });
  for (const at of [1, 2]) expect(await renew(at)).toMatchObject({ status: 200 });
  const { json } = await renew(3);
  expect(objectAt(json, 'spec')).toMatchObject({ renewTime: timeAt(3), leaseTransitions: 1 });
  for (const at of [4, 5]) expect(await renew(at)).toMatchObject({ status: 200 });
  refuses = true;
  expect((await renew(6)).status).not.toBe(200);
  const { json: stored } = await send(server.server.pipeline, { url });
  expect(objectAt(stored, 'spec')).toMatchObject({ renewTime: timeAt(5), leaseTransitions: 1 });
});
