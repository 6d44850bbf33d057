import { expect, test } from 'vitest';
import { ClientConfigError, parseBaseUrl } from './http-options.ts';

test.each([
  'https://hub',
  'https://hub:6443/clusters/a/',
  'http://127.0.0.1:8080',
  'http://localhost',
  'http://[::1]:1',
])('%s is a server URL', (url) => {
  expect(parseBaseUrl(url, false).href).toBe(new URL(url).href);
});

test.each([
  'http://hub',
  'http://127.0.0.1.evil.example',
  'ftp://hub',
  'hub:6443',
  '',
  'https://u:p@hub',
  'https://hub/?a=b',
])('SEC-15 "%s" is refused', (url) => {
  expect(() => parseBaseUrl(url, false)).toThrow(ClientConfigError);
});

test('plain http beyond loopback only when asked for', () => {
  expect(parseBaseUrl('http://hub', true).host).toBe('hub');
});

test('SEC-12 credentials in a URL are not repeated in the error', () => {
  expect(() => parseBaseUrl('https://user:secret@hub/', false)).toThrow(
    /^the server URL must not hold credentials: https:\/\/…@hub$/,
  );
});
