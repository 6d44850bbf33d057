import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { loadInClusterConfig } from './in-cluster.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'qd-pod-'));
  await writeFile(join(directory, 'token'), 'first\n');
  await writeFile(join(directory, 'ca.crt'), 'PEM\n');
  await writeFile(join(directory, 'namespace'), 'team-a');
});
afterAll(() => rm(directory, { recursive: true }));

const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

describe('in-cluster configuration', () => {
  test.each([{}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, { ...env, KUBERNETES_SERVICE_HOST: '' }])(
    'outside of a pod (%j) there is none',
    async (outside) => {
      expect(await loadInClusterConfig({ env: outside, directory })).toBeUndefined();
    },
  );

  test('CP-39 address, CA, token and namespace of the pod', async () => {
    const config = await loadInClusterConfig({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory });
    expect(config).toMatchObject({
      namespace: 'team-a',
      connection: { baseUrl: 'https://[fd00::1]:443', tls: { ca: 'PEM' } },
    });
  });

  test('a rotated token is used from then on', async () => {
    const clock = fakeClock();
    const config = await loadInClusterConfig({ env, directory, clock });
    const token = config?.connection.token as () => Promise<string>;
    await writeFile(join(directory, 'token'), 'second\n');
    expect(await token()).toBe('first');
    await clock.advance(10_000);
    expect(await token()).toBe('second');
  });

  test('a pod without a mounted service account says so', async () => {
    await expect(loadInClusterConfig({ env, directory: '/nowhere' })).rejects.toThrow(
      /^no service account is mounted in this pod: /,
    );
  });
});
