import { describe, expect, test } from 'vitest';
import { offeredProtocols, webSocketToken } from './websocket-token.ts';

const bearer = (token: string | Uint8Array) =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;

describe('a token among WebSocket subprotocols', () => {
  test.each([
    { name: 'KA-85b no header, no token', header: undefined, token: undefined, offered: [] },
    { name: 'KA-85b other protocols, no token', header: 'a, b', token: undefined, offered: ['a', 'b'] },
    { name: 'KA-85b a token before another', header: `${bearer('t.o~k')},a`, token: 't.o~k', offered: ['a'] },
    { name: 'KA-85b a token after another', header: `a , ${bearer('schlüssel')}`, token: 'schlüssel', offered: ['a'] },
    { name: 'KA-85b an empty token is none', header: bearer(''), token: undefined, offered: [] },
  ])('$name', ({ header, token, offered }) => {
    expect([webSocketToken(header), offeredProtocols(header)]).toEqual([token, offered]);
  });

  test.each([
    { name: 'KA-85b two tokens', header: `${bearer('a')}, ${bearer('b')}, c` },
    { name: 'KA-85b a token alone, for nothing is left to be named in the answer', header: bearer('a') },
    { name: 'KA-85b padding is no base64url of a token', header: `${bearer('a')}==, c` },
    { name: 'KA-85b a token that is no text', header: `${bearer(Uint8Array.of(0xff, 0xfe))}, c` },
  ])('$name is 401', ({ header }) => {
    expect(() => webSocketToken(header)).toThrow('Unauthorized');
  });
});
