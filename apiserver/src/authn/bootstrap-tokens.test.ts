import { isUnauthorized } from '@quarterdeck/apis';
import { type FakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type StoredObjects, startStoredObjects } from '../testing/stored-objects.ts';
import { createBootstrapTokenAuthenticator } from './bootstrap-tokens.ts';

let objects: StoredObjects;
let clock: FakeClock;
beforeEach(async () => {
  objects = await startStoredObjects(testLogger());
  clock = objects.clock;
});
afterEach(() => objects[Symbol.asyncDispose]());

const fields = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
  expiration: '2026-01-01T01:00:00Z',
  'auth-extra-groups': 'system:bootstrappers:quarterdeck,system:bootstrappers:a-b:c',
};

interface SecretSpec {
  data?: Record<string, string | undefined>;
  type?: string;
  namespace?: string;
  metadata?: Record<string, string>;
}

async function store({
  data = {},
  type = 'bootstrap.kubernetes.io/token',
  namespace = 'kube-system',
  metadata = {},
}: SecretSpec = {}) {
  const all = Object.entries({ ...fields, ...data }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  await objects.put('secrets', {
    metadata: { name: 'bootstrap-token-abcdef', namespace, ...metadata },
    type,
    data: Object.fromEntries(all.map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  });
}

const restsOn = [{ resource: 'secrets', namespace: 'kube-system', name: 'bootstrap-token-abcdef' }];

async function who(token = 'abcdef.0123456789abcdef') {
  try {
    const credentials = { authorization: `Bearer ${token}`, clientCertificate: undefined };
    return (await createBootstrapTokenAuthenticator(objects.store, clock).authenticate(credentials)) ?? 'nothing';
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return `401 ${((error as Error).cause as Error).message}`;
  }
}

test('KA-124 a bootstrap token leads to its user and groups, until it expires', async () => {
  await store();
  expect(await who()).toEqual({
    user: {
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:quarterdeck', 'system:bootstrappers:a-b:c'],
    },
    expiresAt: Date.parse(fields.expiration),
    restsOn,
  });
  clock.jump(3_600_000);
  expect(await who()).toBe('401 the bootstrap token has expired');
});

test('KA-124 a token without expiration or extra groups works', async () => {
  await store({ data: { expiration: undefined, 'auth-extra-groups': undefined } });
  const user = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers'] };
  expect(await who()).toEqual({ user, restsOn });
});

test.each([
  { name: 'BI-26 a wrong secret', secret: {}, token: 'abcdef.0123456789abcdee', want: '401 no such bootstrap token' },
  {
    name: 'BI-26 an id that is not there',
    secret: {},
    token: 'zzzzzz.0123456789abcdef',
    want: '401 no such bootstrap token',
  },
  { name: 'BI-26 a secret of another type', secret: { type: 'Opaque' }, want: '401 no such bootstrap token' },
  {
    name: 'BI-26 a secret of another namespace',
    secret: { namespace: 'default' },
    want: '401 no such bootstrap token',
  },
  {
    name: 'BI-26 a secret that says another id',
    secret: { data: { 'token-id': 'zzzzzz' } },
    want: '401 no such bootstrap token',
  },
  {
    name: 'BI-26 a secret without a token',
    secret: { data: { 'token-secret': undefined } },
    want: '401 no such bootstrap token',
  },
  {
    name: 'BI-26 a secret that is being deleted',
    secret: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
    want: '401 no such bootstrap token',
  },
  {
    name: 'BI-26 a token for something else',
    secret: { data: { 'usage-bootstrap-authentication': 'yes' } },
    want: '401 the bootstrap token is not for authentication',
  },
  {
    name: 'BI-26 an expiration that cannot be read',
    secret: { data: { expiration: 'never' } },
    want: '401 the bootstrap token has expired',
  },
  {
    name: 'BI-26 an expiration in which a year can be found, and no more',
    secret: { data: { expiration: 'not before 2099' } },
    want: '401 the bootstrap token has expired',
  },
  {
    name: 'SEC-2 a group that is not for bootstrap',
    secret: { data: { 'auth-extra-groups': 'system:bootstrappers:x,system:masters' } },
    want: '401 a bootstrap token may not give the group system:masters',
  },
  {
    name: 'SEC-2 a group that only begins as one for bootstrap',
    secret: { data: { 'auth-extra-groups': 'system:bootstrappers:x\nsystem:masters' } },
    want: '401 a bootstrap token may not give the group system:bootstrappers:x\nsystem:masters',
  },
] as { name: string; secret: SecretSpec; token?: string; want: string }[])('$name', async ({ secret, token, want }) => {
  await store(secret);
  expect(await who(token)).toBe(want);
});

test.each(['', 'abcdef', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcdef0', 'a.b.c', '../../x.0123456789abcdef'])(
  'KA-120 what has not the form of a bootstrap token is left to others: %j',
  async (token) => expect(await who(token)).toBe('nothing'),
);
