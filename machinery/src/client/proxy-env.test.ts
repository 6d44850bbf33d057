import { expect, test } from 'vitest';
import { proxyForUrl } from './proxy-env.ts';

const proxy = 'http://proxy:3128';

test.each([
  { name: 'nothing set', url: 'https://hub', env: {}, want: undefined },
  { name: 'HTTPS_PROXY', url: 'https://hub', env: { HTTPS_PROXY: proxy }, want: proxy },
  {
    name: 'lower case wins',
    url: 'https://hub',
    env: { HTTPS_PROXY: 'http://other', https_proxy: proxy },
    want: proxy,
  },
  { name: 'without scheme', url: 'https://hub', env: { HTTPS_PROXY: 'proxy:3128' }, want: proxy },
  { name: 'other scheme', url: 'https://hub', env: { HTTP_PROXY: proxy }, want: undefined },
  { name: 'empty', url: 'https://hub', env: { HTTPS_PROXY: '' }, want: undefined },
  { name: 'loopback', url: 'https://127.0.0.1:6443', env: { HTTPS_PROXY: proxy }, want: undefined },
  { name: 'localhost', url: 'https://localhost', env: { HTTPS_PROXY: proxy }, want: undefined },
  { name: 'excluded name', url: 'https://hub', env: { HTTPS_PROXY: proxy, NO_PROXY: 'a, hub' }, want: undefined },
  {
    name: 'excluded domain',
    url: 'https://a.hub.io',
    env: { HTTPS_PROXY: proxy, NO_PROXY: '.hub.io' },
    want: undefined,
  },
  {
    name: 'excluded subdomain',
    url: 'https://a.hub.io',
    env: { HTTPS_PROXY: proxy, NO_PROXY: 'hub.io' },
    want: undefined,
  },
  { name: 'similar name', url: 'https://myhub.io', env: { HTTPS_PROXY: proxy, NO_PROXY: 'hub.io' }, want: proxy },
  {
    name: 'excluded port',
    url: 'https://hub:6443',
    env: { HTTPS_PROXY: proxy, NO_PROXY: 'hub:6443' },
    want: undefined,
  },
  { name: 'another port', url: 'https://hub:443', env: { HTTPS_PROXY: proxy, NO_PROXY: 'hub:6443' }, want: proxy },
  { name: 'all excluded', url: 'https://hub', env: { HTTPS_PROXY: proxy, no_proxy: '*' }, want: undefined },
])('RG-55 proxy: $name', ({ url, env, want }) => {
  expect(proxyForUrl(url, env)).toBe(want);
});
