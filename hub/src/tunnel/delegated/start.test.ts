import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notFound } from '@quarterdeck/apis';
import { type Client, silentLogger, systemClock } from '@quarterdeck/machinery';
import { testAuthority } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { type Doors, startDoors } from './start.ts';

const authority = testAuthority();

/** A Kubernetes hub that takes everybody for alice, lets her do everything, and knows the member m1 and no CA of clients. */
const hubClient = {
  async create(type: { kind: string }) {
    if (type.kind === 'TokenReview') return { status: { authenticated: true, user: { username: 'alice' } } };
    return { status: { allowed: true } };
  },
  async get(type: Parameters<typeof notFound>[0], { name }: { name: string }) {
    if (name !== 'm1') throw notFound(type, name);
    return {};
  },
} as unknown as Client;

/** The port of a hub program, on any free one or on that of another. */
async function start(dir: string, port = 0): Promise<{ doors: Doors; port: number }> {
  const { cert, key } = authority.issue('hub');
  const files = { certificateFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') };
  await writeFile(files.certificateFile, cert);
  await writeFile(files.keyFile, key, { mode: 0o600 });
  const listen = { host: '127.0.0.1', port };
  const doors = await startDoors({
    ...files,
    listen,
    publicUrl: 'https://fleet.example.com',
    hubClient,
    clock: systemClock,
    logger: silentLogger,
  });
  return { doors, port: Number(new URL(doors.listensAt).port) };
}

test('RG-52, RG-53 one of several programs beside a Kubernetes hub says that the tunnel may be at another', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'qd-doors-'));
  const { doors, port } = await start(dir.path);
  await using _open = doors;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const path = '/apis/quarterdeck.dev/v1alpha1/memberclusters/m1/proxy/version';
  const headers = { authorization: 'Bearer token' };
  request({ host: '127.0.0.1', port, path, headers, ca: authority.cert }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => resolve(text));
  })
    .on('error', reject)
    .end();
  expect(await promise).toContain('holds its tunnel to another process of this hub');
});

test('RG-53 a port that another program has is told with what to do', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'qd-doors-'));
  const { doors, port } = await start(dir.path);
  await using _open = doors;
  await expect(start(dir.path, port)).rejects.toThrow(
    `127.0.0.1:${port} is in use by another program: choose another address with --listen`,
  );
});
