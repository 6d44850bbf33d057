import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClusterProfile } from '@quarterdeck/apis';
import { eventually, fakeClock, testAuthority, testLogger } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ClusterAccess, createClusterAccess } from './cluster-access.ts';
import type { Credential } from './exec-credential.ts';
import { parseProviderFile } from './provider-file.ts';

/** What becomes of open connections when a plugin gives another credential. */

const cleanup = new AsyncDisposableStack();
const authority = testAuthority();
/** Of each request: which connection, whose certificate, which token. */
const heard: { connection: number; user: string; authorization: string | undefined }[] = [];
const connections: TLSSocket[] = [];
let url: string;

beforeAll(async () => {
  const server = createServer(
    { ...authority.issue('server'), ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    ({ socket, headers }, response) => {
      const connection = connections.indexOf(socket as TLSSocket);
      const { subject } = (socket as TLSSocket).getPeerCertificate();
      heard.push({ connection, user: String(subject?.CN ?? 'nobody'), authorization: headers.authorization });
      response.setHeader('content-type', 'application/json').end('{"kind":"Answer"}');
    },
  );
  server.on('secureConnection', (socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterAll(() => cleanup.disposeAsync());
beforeEach(() => {
  heard.length = 0;
  connections.length = 0;
});

const profile = (): ClusterProfile => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { namespace: 'default', name: 'm1' },
  spec: { clusterManager: { name: 'test' } },
  status: {
    accessProviders: [
      {
        name: 'test',
        cluster: { server: url, 'certificate-authority-data': Buffer.from(authority.cert).toString('base64') },
      },
    ],
  },
});

/** A consumer whose plugin gives these, each for a minute. */
function consumer(...credentials: readonly Credential[]): { access: ClusterAccess; minutePasses(): Promise<void> } {
  const clock = fakeClock();
  const left = [...credentials];
  const access = createClusterAccess({
    providers: parseProviderFile(
      '{"providers": [{"name": "test", "execConfig": {"command": "p", "apiVersion": "client.authentication.k8s.io/v1"}}]}',
    ),
    environment: {},
    logger: testLogger(),
    clock,
    run: async () => ({ ...left.shift(), expiresAt: clock.now() + 60_000 }),
  });
  return { access, minutePasses: () => clock.advance(60_000) };
}

test('CP-26 another client certificate: the old connections are used no more', async () => {
  const { access, minutePasses } = consumer(
    { certificate: authority.issue('first') },
    { certificate: authority.issue('second') },
  );
  await using open = access;
  const { client } = open.connect(profile());
  await client.getRaw('/a');
  await client.getRaw('/b');
  await minutePasses();
  await client.getRaw('/c');
  expect(heard.map(({ user }) => user)).toEqual(['first', 'first', 'second']);
  const [used] = heard.slice(-1);
  const old = connections.filter((_, index) => index !== used?.connection);
  expect(old.length).toBeGreaterThan(0);
  await eventually(() => old.every(({ destroyed }) => destroyed));
});

test('CP-23, CP-26 another token alone: the connection stays', async () => {
  const { access, minutePasses } = consumer({ token: 'one' }, { token: 'two' });
  await using open = access;
  const { client } = open.connect(profile());
  await client.getRaw('/a');
  await minutePasses();
  await client.getRaw('/b');
  expect(heard.map(({ connection, authorization }) => [connection, authorization])).toEqual([
    [0, 'Bearer one'],
    [0, 'Bearer two'],
  ]);
});
