import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { emptyBody } from '../client/body.ts';
import { compress } from './compress.ts';
import type { ApiRequest, ApiResponse } from './http-message.ts';

const large: ApiResponse = { status: 200, headers: {}, body: Buffer.alloc(200_000, 'x') };

function asking(acceptEncoding: string | undefined): ApiRequest {
  return {
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'accept-encoding': acceptEncoding },
    headerLists: {},
    body: emptyBody,
    peer: { type: 'network', address: '192.0.2.1', clientCertificate: undefined },
    signal: new AbortController().signal,
  };
}

test.each([
  ['gzip', true],
  ['GZIP;q=0.5', true],
  ['br, gzip ; q=1', true],
  ['gzip;q=0', false],
  ['gzip ; q=0.000', false],
  ['x-gzip', false],
  ['deflate', false],
  ['', false],
  [undefined, false],
])('KA-31c a large answer to a client that accepts %s', async (acceptEncoding, isCompressed) => {
  const { headers, body } = await compress(asking(acceptEncoding), large);
  expect(headers).toEqual(isCompressed ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {});
  const bytes = body as Uint8Array;
  expect((isCompressed ? gunzipSync(bytes) : Buffer.from(bytes)).equals(large.body as Buffer)).toBe(true);
});

test.each([' ', '\t', ';', ',', 'gzip;q=0.'])(
  'KA-31c BI-29b reading the header takes no longer than its length: %j, over and over',
  async (piece) => {
    const { headers } = await compress(asking(`a${piece.repeat(1_000_000)}b`), large);
    expect(headers).toEqual({});
  },
);
