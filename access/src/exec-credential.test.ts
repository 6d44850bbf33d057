import { createMemoryDatabase, loadOrCreatePki, openMemoryStorage } from '@quarterdeck/apiserver';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { execInfo, readCredential } from './exec-credential.ts';

const v1 = 'client.authentication.k8s.io/v1';
const output = (status: unknown, over: object = {}) =>
  JSON.stringify({ apiVersion: v1, kind: 'ExecCredential', status, ...over });
let pair: { certificate: string; key: string };
let otherKey: string;

beforeAll(async () => {
  const clock = fakeClock();
  const pki = await loadOrCreatePki(openMemoryStorage(createMemoryDatabase(), { clock }).settings, { clock });
  pair = await pki.issueClient({ user: 'one', groups: [] });
  otherKey = (await pki.issueClient({ user: 'two', groups: [] })).key;
});

describe('what a plugin is told', () => {
  test('CP-17 never interactive; the cluster only where it is given', () => {
    const call = { apiVersion: v1, command: 'p', args: [], env: [] } as const;
    expect(JSON.parse(execInfo(call))).toEqual({
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: { interactive: false },
    });
    expect(JSON.parse(execInfo({ ...call, cluster: { server: 'https://m1', config: { a: 1 } } })).spec).toEqual({
      interactive: false,
      cluster: { server: 'https://m1', config: { a: 1 } },
    });
  });
});

describe('what a plugin says', () => {
  test('CP-21, CP-22 a token with its end', () => {
    const said = output({ token: 't', expirationTimestamp: '2026-01-01T00:00:00Z' });
    expect(readCredential(said, v1)).toEqual({ token: 't', expiresAt: Date.parse('2026-01-01T00:00:00Z') });
  });

  test('CP-21 a certificate with its key, and a token too', () => {
    const { certificate: cert, key } = pair;
    const said = output({ clientCertificateData: cert, clientKeyData: key, token: 't' });
    expect(readCredential(said, v1)).toEqual({ token: 't', certificate: { cert, key } });
    expect(() => readCredential(output({ clientCertificateData: cert, clientKeyData: otherKey }), v1)).toThrow(
      'is not the one of the certificate',
    );
  });

  test.each([
    { name: 'no JSON', said: 'token: secret', message: 'its output is no JSON' },
    { name: 'nothing', said: '', message: 'its output is no JSON' },
    { name: 'two objects', said: `${output({ token: 'secret' })}{}`, message: 'its output is no JSON' },
    { name: 'a list', said: '[]', message: 'its output is no JSON object' },
    {
      name: 'another version',
      said: output({ token: 'secret' }, { apiVersion: 'client.authentication.k8s.io/v1beta1' }),
      message: `its output is not an ExecCredential of ${v1}`,
    },
    {
      name: 'another kind',
      said: output({ token: 'secret' }, { kind: 'Secret' }),
      message: 'is not an ExecCredential',
    },
    { name: 'no status', said: output(undefined), message: 'its ExecCredential has no status' },
    { name: 'nothing in it', said: output({ token: '' }), message: 'neither a token nor a client certificate' },
    { name: 'a certificate without key', said: output({ clientCertificateData: 'x' }), message: 'needs both' },
    { name: 'a key without certificate', said: output({ clientKeyData: 'x', token: 't' }), message: 'needs both' },
    {
      name: 'an unreadable pair',
      said: output({ clientCertificateData: 'secret', clientKeyData: 'secret' }),
      message: 'the certificate or key in its ExecCredential cannot be read',
    },
    { name: 'a token that is a number', said: output({ token: 5 }), message: 'status.token of its ExecCredential' },
    {
      name: 'a time that is none',
      said: output({ token: 'secret', expirationTimestamp: 'tomorrow' }),
      message: 'is no RFC 3339 time',
    },
  ])('CP-21 $name is refused, and not quoted', ({ said, message }) => {
    const read = () => readCredential(said, v1);
    expect(read).toThrow(message);
    expect(read).not.toThrow('secret');
  });
});
