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
    dataDir: '.quarterdeck/hub',
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
  const text = problemsOf({ kubeconfig: 'k', database: 'postgres://x', encryptionKeyFile: 'x' }).join('\n');
  expect(text.match(/cannot be used together with --kubeconfig/g)).toHaveLength(2);
});

test('RG-53 the port beside a Kubernetes hub needs an address and a certificate, and its CA is for nothing else', () => {
  const door = { kubeconfig: 'k', publicUrl: 'https://x', tlsCertFile: 'c', tlsKeyFile: 'k' };
  expect(loadHubConfig(door, {}).values.publicUrl).toBe('https://x');
  expect(problemsOf({ kubeconfig: 'k', publicUrl: 'https://x' }).join('\n')).toContain('they open the port');
  expect(problemsOf({ tlsCaFile: 'c' }).join('\n')).toContain('needs --kubeconfig: this hub has a CA');
});
