import { Namespace, Secret } from '@quarterdeck/apis';
import { systemUser } from '@quarterdeck/apiserver';
import { startTestServer, type TestServer } from '@quarterdeck/apiserver/testing';
import type { Client } from '@quarterdeck/machinery';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretStateStore } from './secret-state-store.ts';

let member: TestServer;
let memberClient: Client;
beforeAll(async () => {
  member = await startTestServer();
  memberClient = member.server.client(systemUser);
  await memberClient.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'agents' } });
});
afterAll(() => member[Symbol.asyncDispose]());

const ref = { namespace: 'agents', name: 'state' };

test('RG-5 what was saved in the Secret is there after a restart; what was dropped is gone', async () => {
  await memberClient.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { ...ref, labels: { a: 'b' } } });
  const store = secretStateStore(memberClient, 'agents/state');
  expect(await store.load()).toEqual({});
  await store.save({ hubCa: 'ca', pendingKey: 'pending' });
  await store.save({ hubCa: 'ca', certificate: 'cert', key: 'key' });
  expect(await secretStateStore(memberClient, 'agents/state').load()).toEqual({
    hubCa: 'ca',
    certificate: 'cert',
    key: 'key',
  });
  expect((await memberClient.get(Secret, ref)).metadata.labels).toEqual({ a: 'b' });
});

test('RG-5 a missing Secret says what to do', async () => {
  await expect(secretStateStore(memberClient, 'agents/none').load()).rejects.toThrow(
    'the Secret agents/none is missing: apply the manifest of the agent again',
  );
});
