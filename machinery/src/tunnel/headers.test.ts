import { describe, expect, test } from 'vitest';
import { answerHeaders, requestHeaders, switchingHeaders } from './headers.ts';

describe('headers of requests', () => {
  test('RG-50, SEC-6 nothing that says who asks passes', () => {
    const identity = {
      authorization: 'Bearer secret',
      cookie: 'session=1',
      'impersonate-user': 'system:admin',
      'impersonate-group': ['system:masters'],
      'impersonate-uid': '0',
      'impersonate-extra-scopes': 'all',
      'x-remote-user': 'admin',
      'x-remote-group': 'system:masters',
      'x-forwarded-for': '10.0.0.1',
      'x-client-cert': 'PEM',
      'x-ssl-client-verify': 'SUCCESS',
      forwarded: 'for=10.0.0.1',
      'front-end-https': 'on',
      'quarterdeck-tunnel-caller': '{}',
    };
    expect({ ...requestHeaders({ ...identity, accept: 'application/json' }) }).toEqual({ accept: 'application/json' });
  });

  test('RG-52 nothing of the connection passes, nor what it names', () => {
    const given = {
      ':method': 'GET',
      host: 'hub',
      connection: 'keep-alive, X-Hop',
      'keep-alive': '5',
      'transfer-encoding': 'chunked',
      upgrade: 'websocket',
      te: 'trailers',
      'x-hop': '1',
      'Impersonate-User': 'in another case',
      'content-type': 'application/json',
      'content-length': '2',
    };
    expect({ ...requestHeaders(given) }).toEqual({ 'content-type': 'application/json', 'content-length': '2' });
  });

  test.each([
    ['v5.channel.k8s.io', 'v5.channel.k8s.io'],
    ['v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.dG9r', 'v5.channel.k8s.io'],
    ['Base64URL.Bearer.Authorization.K8s.io.dG9r', undefined],
  ])('SEC-6 of the subprotocols %s a bearer token does not pass', (given, want) => {
    expect(requestHeaders({ 'sec-websocket-protocol': given })['sec-websocket-protocol']).toBe(want);
  });
});

test('RG-52 of an answer everything passes that does not speak for the address of the hub', () => {
  const given = {
    'content-type': 'application/json',
    warning: ['299 - "a"', '299 - "b"'],
    'set-cookie': ['a=b'],
    'alt-svc': 'h3=":443"',
    'strict-transport-security': 'max-age=1',
    'transfer-encoding': 'chunked',
    'quarterdeck-tunnel-switched': '101',
  };
  expect({ ...answerHeaders(given) }).toEqual({
    'content-type': 'application/json',
    warning: ['299 - "a"', '299 - "b"'],
  });
});

test('RG-52 what switches protocols has no length, whatever it says', () => {
  expect(switchingHeaders({ 'content-length': '0', 'x-stream-protocol-version': 'v4.channel.k8s.io' })).toEqual({
    'x-stream-protocol-version': 'v4.channel.k8s.io',
  });
});
