import { ClusterRole, ClusterRoleBinding, ConfigMap, RoleBinding, Secret, ServiceAccount } from '@quarterdeck/apis';
import { configMap, eventually, type FakeClock, fakeClock } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UserInfo } from '../authn/authenticator.ts';
import { systemUser } from '../server.ts';
import {
  openWatch,
  send,
  startTestServer,
  type TestRequest,
  type TestServer,
  type TestWatch,
} from '../testing/index.ts';
import { decodePem } from '../tls/pem.ts';

/** Requests that stay open while the right to them goes. */
let started: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = fakeClock(Date.UTC(2026, 0, 1));
  started = await startTestServer({ clock });
});
afterEach(() => started[Symbol.asyncDispose]());

const client = () => started.server.client(systemUser);
const rbac = 'rbac.authorization.k8s.io';
const url = '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=3600';
const ada: UserInfo = { name: 'ada', groups: ['team', 'system:authenticated'] };
const group = (name: string) => ({ apiGroup: rbac, kind: 'Group' as const, name });
const reader = (name: string, resources = ['configmaps']): ClusterRole => ({
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules: [{ apiGroups: [''], resources, verbs: ['watch'] }],
});
const bind = (name: string, role: string, subject: NonNullable<RoleBinding['subjects']>[number]): RoleBinding => ({
  apiVersion: `${rbac}/v1`,
  kind: 'RoleBinding',
  metadata: { name, namespace: 'default' },
  roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
  subjects: [subject],
});
const inDefault = (name: string) => ({ namespace: 'default', name });
const makeReader = async (binding = 'team') => {
  await client().create(ClusterRole, reader('reader'));
  await client().create(RoleBinding, bind(binding, 'reader', group('team')));
};
/** The right may take a turn of the event loop to be known. */
const watch = (request: Omit<TestRequest, 'url'>) =>
  eventually(async () => {
    const opened = await openWatch(started.server.pipeline, { url, ...request });
    if (opened.status !== 200) throw new Error(`watch answers ${opened.status}`);
    return opened;
  });
/** The stream ends by itself, without an error event; what it still said before is returned. */
async function rest(seen: TestWatch): Promise<string[]> {
  return await seen.take(Number.POSITIVE_INFINITY);
}

describe('a watch whose right is taken away', () => {
  test('RG-22, SEC-15 ends when its binding goes, and delivers nothing that comes later', async () => {
    await makeReader();
    await using seen = await watch({ user: ada });
    await client().create(ConfigMap, configMap('before'));
    expect(await seen.take(1)).toEqual(['ADDED before']);
    await client().delete(RoleBinding, inDefault('team'));
    expect(await rest(seen)).toEqual([]);
    await client().create(ConfigMap, configMap('after'));
    expect(await seen.next()).toBeUndefined();
    expect((await send(started.server.pipeline, { url, user: ada })).status).toBe(403);
  });

  test.each([
    {
      how: 'its role loses the rule',
      take: async () => {
        const role = await client().get(ClusterRole, { name: 'reader' });
        await client().update(ClusterRole, { ...role, rules: reader('reader', ['secrets']).rules ?? [] });
      },
    },
    { how: 'its role goes', take: () => client().delete(ClusterRole, { name: 'reader' }) },
    {
      how: 'its subject leaves the binding',
      take: async () => {
        const binding = await client().get(RoleBinding, inDefault('team'));
        await client().update(RoleBinding, { ...binding, subjects: [group('others')] });
      },
    },
  ])('RG-22 ends when $how', async ({ take }) => {
    await makeReader();
    await using seen = await watch({ user: ada });
    await take();
    expect(await rest(seen)).toEqual([]);
  });

  test('RG-22 goes on while another binding gives the same right, and ends with the last', async () => {
    await makeReader();
    await client().create(RoleBinding, bind('also', 'reader', group('system:authenticated')));
    await using seen = await watch({ user: ada });
    await client().delete(RoleBinding, inDefault('team'));
    await client().create(ConfigMap, configMap('still'));
    expect(await seen.take(1)).toEqual(['ADDED still']);
    await client().delete(RoleBinding, inDefault('also'));
    expect(await rest(seen)).toEqual([]);
  });

  test('RG-22 of one who lost the right to act as another ends', async () => {
    await makeReader();
    const actAs: ClusterRole = {
      ...reader('actor'),
      rules: [{ apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] }],
    };
    await client().create(ClusterRole, actAs);
    const { roleRef, subjects } = bind('actor', 'actor', group('helpers'));
    const metadata = { name: 'actor' };
    await client().create(ClusterRoleBinding, {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef,
      ...(subjects === undefined ? {} : { subjects }),
    });
    const headers = { 'impersonate-user': 'ada', 'impersonate-group': 'team' };
    await using seen = await watch({ user: { name: 'eve', groups: ['helpers'] }, headers });
    await client().delete(ClusterRoleBinding, metadata);
    expect(await rest(seen)).toEqual([]);
  });
});

describe('a watch whose credential ends', () => {
  const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inDefault('bot') };
  async function tokenFor(spec = {}): Promise<string> {
    await client().create(ServiceAccount, account);
    const subject = { kind: 'ServiceAccount' as const, ...inDefault('bot') };
    await client().create(ClusterRole, reader('reader'));
    await client().create(RoleBinding, bind('bot', 'reader', subject));
    const { json } = await send(started.server.pipeline, {
      method: 'POST',
      url: '/api/v1/namespaces/default/serviceaccounts/bot/token',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec },
    });
    return String((json.status as { token?: string }).token);
  }
  const watchWith = (token: string) => watch({ user: null, headers: { authorization: `Bearer ${token}` } });

  test('SEC-15 ends when the service account of its token goes', async () => {
    await using seen = await watchWith(await tokenFor());
    await client().delete(ServiceAccount, inDefault('bot'));
    expect(await rest(seen)).toEqual([]);
  });

  test('SEC-15 ends when the Secret that its token is bound to goes, not when the Secret changes', async () => {
    const secret = await client().create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: inDefault('s') });
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: 's', uid: secret.metadata.uid };
    await using seen = await watchWith(await tokenFor({ boundObjectRef }));
    await client().update(Secret, { ...secret, stringData: { a: 'b' } });
    await client().create(ConfigMap, configMap('still'));
    expect(await seen.take(1)).toEqual(['ADDED still']);
    await client().delete(Secret, inDefault('s'));
    expect(await rest(seen)).toEqual([]);
  });

  test('SEC-15 ends when its token expires', async () => {
    await using seen = await watchWith(await tokenFor({ expirationSeconds: 600 }));
    const ended = rest(seen);
    await clock.advance(600_000);
    expect(await ended).toEqual([]);
  });

  test('SEC-15 ends when its client certificate expires', async () => {
    await makeReader();
    const { certificate } = await started.pki.issueClient({ user: 'ada', groups: ['team'], lifetimeMs: 900_000 });
    const clientCertificate = decodePem(certificate, 'CERTIFICATE')[0] as Uint8Array;
    await using seen = await watch({ user: null, clientCertificate });
    const ended = rest(seen);
    await clock.advance(900_000);
    expect(await ended).toEqual([]);
  });
});
