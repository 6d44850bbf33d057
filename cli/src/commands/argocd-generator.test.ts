import { describe, expect, test } from 'vitest';
import { listenOf } from './argocd-generator.ts';

const flags = { tlsCertFile: undefined, plainHttp: undefined };

describe('listenOf', () => {
  test.each([
    { listen: '127.0.0.1:4355', want: { host: '127.0.0.1', port: 4355 } },
    { listen: 'localhost:0', want: { host: 'localhost', port: 0 } },
    { listen: '[::1]:80', want: { host: '::1', port: 80 } },
  ])('PD-17 it listens at $listen', ({ listen, want }) => {
    expect(listenOf({ ...flags, listen })).toEqual(want);
  });

  test.each(['4355', 'host', 'host:99999', 'host:', '::1:80'])('PD-17 %s is not an address', (listen) => {
    expect(() => listenOf({ ...flags, listen })).toThrow(`--listen ${listen}: must be host:port`);
  });

  test('PD-25 a token does not go over the network in the clear unless somebody says so', () => {
    const listen = '0.0.0.0:4355';
    expect(() => listenOf({ ...flags, listen })).toThrow('--plain-http');
    expect(listenOf({ ...flags, listen, plainHttp: true })).toEqual({ host: '0.0.0.0', port: 4355 });
    expect(listenOf({ ...flags, listen, tlsCertFile: 'cert.pem' })).toEqual({ host: '0.0.0.0', port: 4355 });
  });
});
