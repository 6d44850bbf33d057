import { ignoreNotFound, Secret, ServiceAccount } from '@quarterdeck/apis';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';
import { send } from '../../testing/request.ts';

let running: TestServerWithControllers;
const logger = testLogger();
beforeEach(async () => {
  running = await startTestControllers({ logger });
});
afterEach(() => running[Symbol.asyncDispose]());

const ref = (name: string) => ({ namespace: 'default', name });
const account = (name: string): ServiceAccount => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: ref(name) });
const tokenSecret = (name: string, accountName: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...ref(name), annotations: { 'kubernetes.io/service-account.name': accountName } },
  type: 'kubernetes.io/service-account-token',
});
const filled = (name: string) =>
  eventually(async () => {
    const secret = await running.client.get(Secret, ref(name));
    return secret.data?.token === undefined ? undefined : secret;
  });
const gone = (name: string) =>
  eventually(async () => (await ignoreNotFound(running.client.get(Secret, ref(name)))) === undefined);
const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8');
const whoami = async (token: string) => {
  const { status, json } = await send(running.server.pipeline, {
    method: 'POST',
    url: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    headers: { authorization: `Bearer ${token}` },
    user: null,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  return status === 201 ? (json.status as { userInfo: { username: string } }).userInfo.username : status;
};

test('KA-117 a Secret that asks for a token gets one that works, with the CA and the namespace', async () => {
  const bot = await running.client.create(ServiceAccount, account('bot'));
  await running.client.create(Secret, tokenSecret('bot-token', 'bot'));
  const { data, metadata } = await filled('bot-token');
  expect([text(data?.['ca.crt']), text(data?.namespace)]).toEqual([running.pki.caBundle, 'default']);
  expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(bot.metadata.uid);
  expect(await whoami(text(data?.token))).toBe('system:serviceaccount:default:bot');
});

test('KA-117 it goes with its account, and its token with it', async () => {
  await running.client.create(ServiceAccount, account('bot'));
  await running.client.create(Secret, tokenSecret('bot-token', 'bot'));
  const token = text((await filled('bot-token')).data?.token);
  await running.client.delete(ServiceAccount, ref('bot'));
  await gone('bot-token');
  expect(await whoami(token)).toBe(401);
});

test('KA-117 one for an account that is not there goes, and what was changed is put right', async () => {
  await running.client.create(ServiceAccount, account('bot'));
  await running.client.create(Secret, tokenSecret('nobody-token', 'nobody'));
  await gone('nobody-token');
  await running.client.create(Secret, tokenSecret('bot-token', 'bot'));
  const secret = await filled('bot-token');
  await running.client.update(Secret, { ...secret, data: { ...secret.data, 'ca.crt': 'eA==' } });
  await eventually(async () => {
    const now = await running.client.get(Secret, ref('bot-token'));
    expect(now.data).toEqual(secret.data);
    return true;
  });
});

test('KA-117 no Secret is made for an account by itself', async () => {
  await running.client.create(ServiceAccount, account('bot'));
  await running.client.create(Secret, tokenSecret('marker', 'bot'));
  await filled('marker');
  const { items } = await running.client.list(Secret, { namespace: 'default' });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['marker']);
  expect((await running.client.get(ServiceAccount, ref('bot'))).secrets).toBeUndefined();
});
