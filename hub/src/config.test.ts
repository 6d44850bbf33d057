import { ConfigError } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { loadHubConfig } from './config.ts';

const problemsOf = (flags: Record<string, unknown>, env: Record<string, string> = {}): string[] => {
  try {
    loadHubConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.trim());
    throw error;
  }
  throw new Error('it was accepted');
};

test('defaults make a hub on loopback with the embedded database', () => {
  expect(loadHubConfig({}, {}).values).toEqual({
    listen: { host: '127.0.0.1', port: 6443 },
    tlsSan: [],
    requestheaderAllowedNames: [],
    requestheaderUsernameHeaders: [],
    requestheaderUidHeaders: [],
    requestheaderGroupHeaders: [],
    requestheaderExtraHeadersPrefix: [],
    dataDir: '.quarterdeck/hub',
    agentIdentity: 'certificate',
    logLevel: 'info',
  });
});

test('flags win over the environment', () => {
  const { values: config } = loadHubConfig(
    { listen: '[::1]:7443' },
    { QUARTERDECK_LISTEN: '127.0.0.1:1', QUARTERDECK_TLS_SAN: 'a,b' },
  );
  expect([config.listen, config.tlsSan]).toEqual([{ host: '::1', port: 7443 }, ['a', 'b']]);
});

test('all problems are reported at once', () => {
  const text = problemsOf({
    listen: 'nowhere',
    publicUrl: 'http://x',
    database: 'mysql://x',
    logLevel: 'loud',
    tlsCertFile: 'c.pem',
    context: 'x',
  }).join('\n');
  for (const part of [
    'must be HOST:PORT',
    'must be an https:// URL',
    'must be a postgres:// URL',
    'must be silent, error',
    'certificate and key files come together',
    'needs --kubeconfig',
  ]) {
    expect(text).toContain(part);
  }
});

test('a port is at most 65535', () => {
  expect(problemsOf({ listen: '127.0.0.1:70000' }).join('\n')).toContain('at most 65535');
});

test('with a Kubernetes hub, what belongs to our own server is refused', () => {
  const text = problemsOf({ kubeconfig: 'k', database: 'postgres://x', encryptionKeys: 'x' }).join('\n');
  expect(text.match(/cannot be used together with --kubeconfig/g)).toHaveLength(2);
});

test('RG-53 the port beside a Kubernetes hub needs an address and a certificate, and a CA is that of a certificate', () => {
  const door = { kubeconfig: 'k', publicUrl: 'https://x', tlsCertFile: 'c', tlsKeyFile: 'k' };
  expect(loadHubConfig(door, {}).values.publicUrl).toBe('https://x');
  expect(problemsOf({ kubeconfig: 'k', publicUrl: 'https://x' }).join('\n')).toContain('they open the port');
  expect(problemsOf({ tlsCaFile: 'c' }).join('\n')).toContain('needs --tls-cert-file');
});

test('KA-120b what names front proxies comes whole', () => {
  const text = problemsOf({ requestheaderAllowedNames: ['a'], requestheaderGroupHeaders: ['X Y'] }).join('\n');
  expect(text).toContain('--requestheader-allowed-names: needs --requestheader-client-ca-file');
  expect(text).toContain('must be the name of a header');
  const lone = problemsOf({ requestheaderClientCaFile: 'ca.pem' }).join('\n');
  expect(lone).toContain('needs --requestheader-username-headers');
  const uid = problemsOf({
    requestheaderClientCaFile: 'ca.pem',
    requestheaderUsernameHeaders: ['X-Remote-User'],
    requestheaderUidHeaders: ['X-Uid'],
  }).join('\n');
  expect(uid).toContain('must contain X-Remote-Uid');
});

test('KA-120b a Kubernetes hub has its own ways to say who asks', () => {
  const text = problemsOf({
    kubeconfig: 'k',
    tokenAuthFile: 't',
    requestheaderClientCaFile: 'ca.pem',
    requestheaderUsernameHeaders: ['X-Remote-User'],
  }).join('\n');
  expect(text.match(/cannot be used together with --kubeconfig/g)).toHaveLength(2);
});

test('KA-120b lists of headers come from the environment too, and are printed', () => {
  const config = loadHubConfig(
    { requestheaderClientCaFile: 'ca.pem' },
    { QUARTERDECK_REQUESTHEADER_USERNAME_HEADERS: 'X-Remote-User,X-Login' },
  );
  expect(config.values.requestheaderUsernameHeaders).toEqual(['X-Remote-User', 'X-Login']);
  expect(config.print()).toContain('requestheader-username-headers: ["X-Remote-User","X-Login"] (environment)');
});

test('KA-147b SEC-12 of the key file the path is printed; its earlier name is taken, and both are not', () => {
  const { values, print } = loadHubConfig({}, { QUARTERDECK_ENCRYPTION_KEYS: '/etc/hub/keys.yaml' });
  expect(values.encryptionKeys).toBe('/etc/hub/keys.yaml');
  expect(print()).toContain('encryption-keys: "/etc/hub/keys.yaml" (environment)');
  expect(loadHubConfig({ encryptionKeyFile: 'k' }, {}).values.encryptionKeyFile).toBe('k');
  expect(problemsOf({ encryptionKeys: 'a', encryptionKeyFile: 'b' })).toEqual([
    '--encryption-key-file: is the earlier name of --encryption-keys: give one of them',
  ]);
});
