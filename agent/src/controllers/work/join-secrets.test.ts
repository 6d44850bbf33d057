import { annotation, apiError, type Secret } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock, stored, testLogger } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import { readOne } from '../../testing/builders.ts';
import { createHubSecrets } from './hub-secrets.ts';
import { withSecret } from './join-secrets.ts';

const signal = new AbortController().signal;

/** A hub with one Secret, which answers as it is told to. */
function hubWith(answer: () => Secret | Error) {
  let asked = 0;
  const get = () => {
    asked++;
    const found = answer();
    if (found instanceof Error) return Promise.reject(found);
    const object = stored(found);
    return Promise.resolve({ ...object, metadata: { ...object.metadata, ...found.metadata } });
  };
  return {
    hubClient: { get } as unknown as Client,
    get asked() {
      return asked;
    },
  };
}
const secret = (data: Record<string, string>, resourceVersion = '1'): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'member-m1', uid: 'u', resourceVersion },
  type: 'Opaque',
  data,
});

describe('hub secrets', () => {
  test('DL-31 passes that follow soon go by one answer; later ones ask again', async () => {
    const clock = fakeClock();
    let now: Secret = secret({ a: 'MQ==' });
    const hub = hubWith(() => now);
    const secrets = createHubSecrets({
      hubClient: hub.hubClient,
      hubNamespace: 'member-m1',
      clock,
      logger: testLogger(),
    });
    expect(await secrets.read('db', signal)).toMatchObject({ data: { a: 'MQ==' }, version: 'u 1' });
    now = secret({ a: 'Mg==' }, '2');
    expect(await secrets.read('db', signal)).toMatchObject({ version: 'u 1' });
    expect(hub.asked).toBe(1);
    await clock.advance(30_000);
    expect(await secrets.read('db', signal)).toMatchObject({ data: { a: 'Mg==' }, version: 'u 2' });
  });

  test('DL-31 a hub that is away leaves what was read; one that says no does not', async () => {
    const clock = fakeClock();
    let now: Secret | Error = secret({ a: 'MQ==' });
    const hub = hubWith(() => now);
    const logger = testLogger();
    const secrets = createHubSecrets({ hubClient: hub.hubClient, hubNamespace: 'member-m1', clock, logger });
    const left = 'what stands on the member is left as it is, drifted or not';
    await secrets.read('db', signal);
    await clock.advance(60_000);
    now = apiError('ServiceUnavailable', 'not yet');
    expect(await secrets.read('db', signal)).toMatchObject({ version: 'u 1' });
    now = apiError('Forbidden', 'may not');
    expect(await secrets.read('db', signal)).toEqual({
      problem: `Secret db of the hub cannot be read: may not; ${left}`,
    });
    now = apiError('ServiceUnavailable', 'not yet');
    expect(await secrets.read('db', signal)).toEqual({
      problem: `Secret db of the hub cannot be read: not yet; ${left}`,
    });
    await secrets.read('db', signal);
    now = apiError('NotFound', 'gone');
    expect(await secrets.read('db', signal)).toEqual({
      problem: `there is no Secret db in namespace member-m1 of the hub; ${left}`,
    });
    // Once each, however often it is asked for: an agent whose hub is away can tell nobody else.
    const said = 'no Secret of the hub to go by; what refers to it is left as it is';
    expect(logger.messages('warn')).toEqual([said, said, said]);
  });
});

describe('joining', () => {
  const manifest = readOne({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login', namespace: 'shop', annotations: { [annotation.secretDataFrom]: 'db' } },
  });

  test('DL-31 the hash tells one version from another, and nothing of the data', () => {
    const hash = (data: Record<string, string>, version: string) =>
      withSecret(manifest, { data, type: 'Opaque', version }).hash;
    expect(hash({ a: '1' }, 'u 1')).toBe(hash({ a: '2' }, 'u 1'));
    expect(hash({ a: '1' }, 'u 1')).not.toBe(hash({ a: '1' }, 'u 2'));
    expect(hash({ a: '1' }, 'u 1')).not.toBe(manifest.hash);
  });

  test('DL-31 the type of the manifest comes before that of the Secret on the hub', () => {
    const from = { data: { a: 'MQ==' }, type: 'Opaque', version: 'u 1' };
    expect(withSecret(manifest, from).object).toMatchObject({ type: 'Opaque', data: { a: 'MQ==' } });
    const own = { ...manifest, object: { ...manifest.object, type: 'example.test/login' } };
    expect(withSecret(own, from).object.type).toBe('example.test/login');
  });
});
