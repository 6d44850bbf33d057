import { createMetrics, type JsonObject } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { open, send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { createMetricsHandler } from '../operations/metrics.ts';

const metrics = () => createMetrics();
let registry: ReturnType<typeof metrics>['registry'];
let running: TestServer;

beforeEach(async () => {
  ({ registry } = metrics());
  running = await startTestServer({ metrics: registry, nonResource: [createMetricsHandler(registry)] });
});
afterEach(() => running[Symbol.asyncDispose]());

const call = (method: string, url: string, body?: JsonObject) =>
  send(running.server.pipeline, body === undefined ? { method, url } : { method, url, body });
const configMaps = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

/** The value of one series in what `/metrics` says; undefined when there is none. */
async function series(name: string, labels: Record<string, string>): Promise<number | undefined> {
  const { text } = await call('GET', '/metrics');
  const line = text
    .split('\n')
    .filter((candidate) => candidate.startsWith(`${name}{`))
    .find((candidate) => Object.entries(labels).every(([key, value]) => candidate.includes(`${key}="${value}"`)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

/** Every value of a label in use. */
async function labelValues(label: string): Promise<string[]> {
  const { text } = await call('GET', '/metrics');
  const found = text.matchAll(new RegExp(`^apiserver_request_total\\{.*?${label}="([^"]*)"`, 'gm'));
  return [...new Set([...found].map(([, value = '']) => value))].sort();
}

describe('/metrics', () => {
  test('KA-20 counts requests by verb, kind and code', async () => {
    await call('POST', configMaps, configMap('a'));
    await call('POST', configMaps, configMap('a'));
    await call('POST', `${configMaps}?dryRun=All`, configMap('b'));
    const labels = { verb: 'POST', group: '', version: 'v1', resource: 'configmaps', scope: 'resource' };
    const count = (code: string, dry_run: string) => series('apiserver_request_total', { ...labels, code, dry_run });
    expect([await count('201', ''), await count('409', ''), await count('201', 'All')]).toEqual([1, 1, 1]);
    expect(await series('apiserver_request_duration_seconds_count', { ...labels, dry_run: '' })).toBe(2);
  });

  test('KA-20 counts requests under way, watches apart', async () => {
    const inFlight = { request_kind: 'readOnly' };
    // The request for the metrics itself is one.
    expect(await series('apiserver_current_inflight_requests', inFlight)).toBe(1);
    const leaving = new AbortController();
    const watch = await open(running.server.pipeline, { url: `${configMaps}?watch=1`, signal: leaving.signal });
    const labels = { verb: 'WATCH', resource: 'configmaps' };
    const watches = () => series('apiserver_longrunning_requests', labels);
    expect([await watches(), await series('apiserver_current_inflight_requests', inFlight)]).toEqual([1, 1]);
    const reading = Array.fromAsync(watch.body as AsyncIterable<Uint8Array>);
    await call('POST', configMaps, configMap('seen'));
    const sent = () => series('apiserver_watch_events_total', { resource: 'configmaps' });
    expect(await eventually(sent)).toBe(1);
    leaving.abort();
    await reading;
    expect([await watches(), await series('apiserver_request_duration_seconds_count', labels)]).toEqual([0, 1]);
  });

  test('KA-93 KA-20 an event is encoded once for all watches of the same form, and that is counted', async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const url = `${configMaps}?watch=1`;
    const requests = [{ url }, { url }, { url: `${url}&labelSelector=no!=such` }, { url, headers: asTable }];
    const watches = await Promise.all(requests.map((request) => open(running.server.pipeline, { ...request, signal })));
    const reading = watches.map(({ body }) => Array.fromAsync(body as AsyncIterable<Uint8Array>));
    await call('POST', configMaps, configMap('seen'));
    const labels = { resource: 'configmaps' };
    expect(
      await eventually(async () => ((await series('apiserver_watch_events_total', labels)) === 4 ? 4 : undefined)),
    ).toBe(4);
    expect(await series('apiserver_watch_event_encodings_total', labels)).toBe(2);
    leaving.abort();
    await Promise.all(reading);
  });

  test('KA-20 a watch that nobody reads is over when its client leaves', async () => {
    const leaving = new AbortController();
    await open(running.server.pipeline, { url: `${configMaps}?watch=1`, signal: leaving.signal });
    leaving.abort();
    expect(await series('apiserver_longrunning_requests', { verb: 'WATCH', resource: 'configmaps' })).toBe(0);
  });

  test('KA-20 labels come from closed sets, whatever clients ask for', async () => {
    await call('BREW', '/coffee/pot-1');
    await call('GET', '/apis/made.up/v7/namespaces/default/things/one');
    await call('GET', `${configMaps}/one/made-up`);
    await call('GET', '/api/v1/namespaces/default/%ZZ');
    expect(await labelValues('verb')).toEqual(['GET', 'OTHER', 'POST']);
    const kinds = new Set(running.server.registry.list().map(({ plural }) => plural));
    expect((await labelValues('resource')).filter((name) => name !== '' && !kinds.has(name))).toEqual([]);
    expect(await labelValues('group')).not.toContain('made.up');
    expect((await labelValues('subresource')).filter((name) => name !== '')).toEqual([]);
  });

  test('KA-20 says how many objects are stored, and how long the database takes', async () => {
    await call('POST', configMaps, configMap('a'));
    await call('POST', configMaps, configMap('b'));
    expect(await series('apiserver_storage_objects', { resource: 'configmaps' })).toBe(2);
    const writes = { operation: 'write', result: 'success' };
    const before = await series('apiserver_storage_request_duration_seconds_count', writes);
    await call('DELETE', `${configMaps}/b`);
    expect(await series('apiserver_storage_objects', { resource: 'configmaps' })).toBe(1);
    expect(await series('apiserver_storage_request_duration_seconds_count', writes)).toBe((before ?? 0) + 1);
  });

  test('KA-20 is authorized as a non-resource URL', async () => {
    const user = { name: 'nobody', groups: ['system:authenticated'] };
    const { status } = await send(running.server.pipeline, { url: '/metrics', user });
    expect([status, (await call('GET', '/metrics')).status]).toEqual([403, 200]);
  });
});

test('KA-20 /metrics/slis says what each health check says', async () => {
  const { status, headers, text } = await call('GET', '/metrics/slis');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(text.split('\n').filter((line) => line.startsWith('kubernetes_healthcheck{'))).toEqual(
    expect.arrayContaining([
      'kubernetes_healthcheck{name="ping",type="livez"} 1',
      'kubernetes_healthcheck{name="shutdown",type="readyz"} 1',
      'kubernetes_healthcheck{name="storage",type="healthz"} 1',
    ]),
  );
  running.server.drain();
  expect((await call('GET', '/metrics/slis')).text).toContain('{name="shutdown",type="readyz"} 0\n');
});
