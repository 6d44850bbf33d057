import { isUnauthorized } from '@quarterdeck/apis';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { certificateDer, newAuthority } from '../testing/certificates.ts';
import type { CertificateAuthority } from '../tls/authority.ts';
import { createFrontProxyAuthenticator, type FrontProxyOptions, isIdentityHeader } from './front-proxy.ts';

const clock = fakeClock();
let proxies: CertificateAuthority;
let certificates: Record<'proxy' | 'other' | 'client', Uint8Array>;
beforeAll(async () => {
  proxies = await newAuthority(clock.now());
  const clients = await newAuthority(clock.now());
  const of = (authority: CertificateAuthority, commonName: string) =>
    certificateDer(authority, { subject: { commonName, organizations: [] }, now: clock.now() });
  certificates = {
    proxy: await of(proxies, 'front-proxy'),
    other: await of(proxies, 'metrics-reader'),
    client: await of(clients, 'front-proxy'),
  };
});

const options = (changes: Partial<FrontProxyOptions> = {}): FrontProxyOptions => ({
  caBundle: () => proxies.pem,
  allowedNames: ['front-proxy'],
  usernameHeaders: ['X-Remote-User', 'X-Login'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group', 'X-Team'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
  ...changes,
});

/** The user, `nobody`, or `401`. */
async function who(
  identityHeaders: Record<string, string[]>,
  by: keyof typeof certificates | undefined = 'proxy',
  changes: Partial<FrontProxyOptions> = {},
) {
  const clientCertificate = by && certificates[by];
  const authenticator = createFrontProxyAuthenticator(options(changes), clock);
  try {
    const found = await authenticator.authenticate({ authorization: undefined, clientCertificate, identityHeaders });
    return found?.user ?? 'nobody';
  } catch (error) {
    if (isUnauthorized(error)) return '401';
    throw error;
  }
}

const ada = { 'x-remote-user': ['ada'] };

describe('what a front proxy says of a user', () => {
  test.each<{ name: string; headers: Record<string, string[]>; user: unknown }>([
    { name: 'KA-120b a name alone', headers: ada, user: { name: 'ada', groups: [] } },
    {
      name: 'KA-120b everything',
      headers: {
        ...ada,
        'x-remote-uid': ['u-1'],
        'x-remote-group': ['ops', '', 'a, b'],
        'x-team': ['red'],
        'x-remote-extra-example.com%2fscopes': ['view', 'edit'],
        'x-remote-extra-%zz': ['kept'],
      },
      user: {
        name: 'ada',
        uid: 'u-1',
        groups: ['ops', 'a, b', 'red'],
        extra: { 'example.com/scopes': ['view', 'edit'], '%zz': ['kept'] },
      },
    },
    {
      name: 'KA-120b the first header that says something',
      headers: { 'x-remote-user': [''], 'x-login': ['bob', 'eve'] },
      user: { name: 'bob', groups: [] },
    },
    { name: 'KA-120b groups of nobody', headers: { 'x-remote-group': ['system:masters'] }, user: 'nobody' },
    { name: 'KA-120b nothing', headers: {}, user: 'nobody' },
  ])('$name', async ({ headers, user }) => {
    expect(await who(headers)).toEqual(user);
  });
});

describe('who is believed', () => {
  test('KA-120b SEC-6 nobody without a certificate', async () => {
    const authenticator = createFrontProxyAuthenticator(options(), clock);
    const credentials = { authorization: undefined, clientCertificate: undefined, identityHeaders: ada };
    expect(await authenticator.authenticate(credentials)).toBeUndefined();
  });

  test('KA-120b SEC-6 not a certificate of another CA, whatever its name', async () => {
    expect(await who(ada, 'client')).toBe('401');
  });

  test('KA-120b only the names that are allowed, all where none is said', async () => {
    expect(await who(ada, 'other')).toBe('401');
    expect(await who(ada, 'other', { allowedNames: [] })).toEqual({ name: 'ada', groups: [] });
  });

  test('KA-120b SEC-6 nobody while no CA is known', async () => {
    expect(await who(ada, 'proxy', { caBundle: () => '' })).toBe('401');
  });
});

test('KA-120b which headers only a front proxy may send', () => {
  const isOne = isIdentityHeader(options());
  const names = ['x-remote-user', 'x-login', 'x-remote-uid', 'x-team', 'x-remote-extra-a', 'x-remote-extra', 'accept'];
  expect(names.filter(isOne)).toEqual(['x-remote-user', 'x-login', 'x-remote-uid', 'x-team', 'x-remote-extra-a']);
});
