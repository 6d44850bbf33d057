import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { KubeconfigError } from './kubeconfig-schema.ts';
import { buildKubeconfig } from './kubeconfig-writer.ts';

const ca = '-----BEGIN CERTIFICATE-----\nCA\n-----END CERTIFICATE-----\n';
const cert = '-----BEGIN CERTIFICATE-----\nME\n-----END CERTIFICATE-----\n';
const key = '-----BEGIN PRIVATE KEY-----\nKEY\n-----END PRIVATE KEY-----\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig with one context, as text (JSON is YAML). */
const config = (cluster: object, user?: object) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', ...(user === undefined ? {} : { user: 'u' }) } }],
    clusters: [{ name: 'k', cluster }],
    users: user === undefined ? [] : [{ name: 'u', user }],
  });
const load = (cluster: object, user?: object, more: object = {}) =>
  loadKubeconfig({ text: config({ server: 'https://hub', ...cluster }, user), ...more });
const refusal = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => expect.unreachable('expected a refusal'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeconfigError);
  return (error as Error).message;
};

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('what is read', () => {
  test('inline data', async () => {
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const cluster = {
      'certificate-authority-data': base64(ca),
      'tls-server-name': 'name',
      'proxy-url': 'http://proxy',
    };
    expect(await load(cluster, user)).toEqual({
      baseUrl: 'https://hub',
      tls: { ca, cert, key, serverName: 'name' },
      proxy: 'http://proxy',
    });
  });

  test('files, relative to the kubeconfig', async () => {
    await writeFile(join(directory, 'ca.pem'), ca);
    await writeFile(join(directory, 'me.pem'), cert);
    await writeFile(join(directory, 'me.key'), key);
    const path = join(directory, 'config');
    const user = { 'client-certificate': 'me.pem', 'client-key': join(directory, 'me.key') };
    await writeFile(path, config({ server: 'https://hub', 'certificate-authority': './ca.pem' }, user));
    expect(await loadKubeconfig({ path })).toEqual({ baseUrl: 'https://hub', tls: { ca, cert, key } });
  });

  test('a token, and another user', async () => {
    const user = { token: 't', as: 'somebody', 'as-groups': ['g'], 'as-uid': '1' };
    expect(await load({}, user)).toEqual({
      baseUrl: 'https://hub',
      token: 't',
      impersonate: { user: 'somebody', groups: ['g'], uid: '1' },
    });
  });

  test('a token file, read again after ten seconds', async () => {
    const path = join(directory, 'token');
    const clock = fakeClock();
    await writeFile(path, 'one\n');
    const { token } = await load({}, { tokenFile: path }, { clock });
    const current = () => (typeof token === 'function' ? token() : token);
    await writeFile(path, 'two\n');
    expect(await current()).toBe('one');
    await clock.advance(10_000);
    expect(await current()).toBe('two');
  });

  test('no user at all, extensions, YAML, another context', async () => {
    const text = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: k
  cluster: { server: "https://hub", extensions: [{ name: x, extension: {} }] }
contexts:
- name: one
  context: { cluster: absent }
- name: two
  context: { cluster: k, namespace: ns }
`;
    expect(await loadKubeconfig({ text, context: 'two' })).toEqual({ baseUrl: 'https://hub' });
    expect(await refusal(loadKubeconfig({ text }))).toBe('the kubeconfig has no cluster "absent"');
  });
});

describe('what is refused', () => {
  test.each([
    {
      user: { exec: { command: 'aws' } },
      want: 'user "u" of the kubeconfig: "exec" runs a program to get credentials, which is not done here; use a token or a client certificate',
    },
    {
      user: { 'auth-provider': { name: 'gcp' } },
      want: 'user "u" of the kubeconfig: "auth-provider" is an auth provider plugin, which is not supported; use a token or a client certificate',
    },
    {
      user: { username: 'u' },
      want: 'user "u" of the kubeconfig: "username" is basic authentication, which Kubernetes no longer has; use a token or a client certificate',
    },
    { user: { tokens: 't' }, want: 'user "u" of the kubeconfig: "tokens" is not understood' },
    { user: { 'as-user-extra': {} }, want: 'user "u" of the kubeconfig: "as-user-extra" is not understood' },
    { user: { token: '' }, want: 'user of the kubeconfig: "token" must be a string that is not empty' },
    { user: { as: '' }, want: 'user of the kubeconfig: "as" must be a string that is not empty' },
    { user: { 'as-groups': ['g'] }, want: 'user of the kubeconfig: "as-uid" and "as-groups" need "as"' },
    { user: { as: 'u', 'as-groups': 'g' }, want: 'user of the kubeconfig: "as-groups" must be a list of strings' },
    {
      user: { 'client-key-data': base64(key) },
      want: 'user of the kubeconfig needs both a client certificate and its key',
    },
    { user: { 'client-key-data': 'nonsense' }, want: 'user of the kubeconfig: "client-key-data" is no base64 of PEM' },
    {
      user: { 'client-key': 'me.key', 'client-certificate-data': base64(cert) },
      want: '"client-key" is a relative path, and this kubeconfig has no directory',
    },
  ])('SEC-14 user $user', async ({ user, want }) => {
    expect(await refusal(load({}, user))).toBe(want);
  });

  test('SEC-14 turned-off verification, unless asked for', async () => {
    const cluster = { 'insecure-skip-tls-verify': true };
    expect(await refusal(load(cluster))).toContain('turns off TLS verification');
    expect(await load(cluster, undefined, { allowInsecure: true })).toEqual({ baseUrl: 'https://hub', insecure: true });
    expect(await load({}, undefined, { allowInsecure: true })).toEqual({ baseUrl: 'https://hub' });
  });

  test.each([
    { text: '{', want: /^the kubeconfig is no valid YAML/ },
    { text: 'just text', want: /^the kubeconfig is no YAML mapping$/ },
    { text: '{}', want: /^the kubeconfig has no current-context; name a context$/ },
    { text: '{"current-context":"x"}', want: /^the kubeconfig has no context "x"$/ },
    { text: config({}), want: /^cluster of the kubeconfig has no "server"$/ },
    {
      text: config({ server: 'https://hub', odd: 1 }),
      want: /^cluster "k" of the kubeconfig: "odd" is not understood$/,
    },
  ])('SEC-14 the text $text', async ({ text, want }) => {
    expect(await refusal(loadKubeconfig({ text }))).toMatch(want);
  });

  test('files that are not there, and empty tokens', async () => {
    const path = join(directory, 'nowhere');
    expect(await refusal(loadKubeconfig({ path }))).toMatch(/^cannot read the kubeconfig: ENOENT/);
    await writeFile(join(directory, 'empty'), '\n');
    expect(await refusal(load({}, { tokenFile: join(directory, 'empty') }))).toMatch(/^the token file .* is empty$/);
  });
});

test.each([
  { name: 'token', user: { token: 't' }, want: { token: 't', tls: { ca } } },
  { name: 'certificate', user: { certPem: cert, keyPem: key }, want: { tls: { ca, cert, key } } },
])('a written kubeconfig reads back: $name', async ({ user, want }) => {
  const text = buildKubeconfig({ server: 'https://hub:6443', caPem: ca, user, name: 'fleet', namespace: 'ns' });
  expect(await loadKubeconfig({ text, context: 'fleet' })).toEqual({ baseUrl: 'https://hub:6443', ...want });
  expect(text).toContain('namespace: ns');
});

describe('several files', () => {
  const place = async (name: string, content: object) => {
    await mkdir(join(directory, name), { recursive: true });
    const path = join(directory, name, 'config');
    await writeFile(path, JSON.stringify(content));
    return path;
  };
  const cluster = (name: string, server: string, more: object = {}) => ({ name, cluster: { server, ...more } });
  const context = (name: string, of: string, user: string) => ({ name, context: { cluster: of, user } });
  const missing = () => join(directory, 'missing');

  test('are merged as by kubectl: the first that names a thing has the say, what is missing is passed over', async () => {
    const first = await place('first', {
      clusters: [cluster('a', 'https://first')],
      users: [{ name: 'me', user: { token: 't1' } }],
    });
    const second = await place('second', {
      'current-context': 'both',
      clusters: [cluster('a', 'https://second'), cluster('b', 'https://b')],
      contexts: [context('both', 'a', 'me'), context('other', 'b', 'me')],
      users: [{ name: 'me', user: { token: 't2' } }],
    });
    const third = await place('third', { 'current-context': 'late', contexts: [context('late', 'b', 'me')] });
    const path = ['', missing(), first, second, first, third].join(':');
    expect(await loadKubeconfig({ path })).toEqual({ baseUrl: 'https://first', token: 't1' });
    expect(await loadKubeconfig({ path, context: 'other' })).toEqual({ baseUrl: 'https://b', token: 't1' });
    expect(await loadKubeconfig({ path: `${third}:${second}` })).toEqual({ baseUrl: 'https://b', token: 't2' });
  });

  test('name their files from where they lie', async () => {
    const users = [{ name: 'me', user: { tokenFile: 'token' } }];
    const first = await place('keys', { users });
    await writeFile(join(directory, 'keys', 'token'), 't');
    await writeFile(join(directory, 'ca.pem'), ca);
    const second = await place('hub', {
      'current-context': 'c',
      clusters: [cluster('k', 'https://hub', { 'certificate-authority': '../ca.pem' })],
      contexts: [context('c', 'k', 'me')],
    });
    const { token, ...rest } = await loadKubeconfig({ path: `${first}:${second}` });
    expect(rest).toEqual({ baseUrl: 'https://hub', tls: { ca } });
    expect(await (token as () => Promise<string>)()).toBe('t');
  });

  test('of which none is there, or one cannot be read, are refused with their names', async () => {
    const two = `${missing()}:${missing()}2`;
    expect(await refusal(loadKubeconfig({ path: two }))).toBe(
      `there is no kubeconfig at any of: ${missing()}, ${missing()}2`,
    );
    const bad = join(directory, 'bad');
    await writeFile(bad, '{');
    expect(await refusal(loadKubeconfig({ path: `${missing()}:${bad}` }))).toMatch(
      `the kubeconfig ${bad} is no valid YAML`,
    );
  });

  test('are one where a file has that name', async () => {
    const path = join(directory, 'with:colon');
    await writeFile(path, config({ server: 'https://colon' }));
    expect(await loadKubeconfig({ path })).toEqual({ baseUrl: 'https://colon' });
  });
});
