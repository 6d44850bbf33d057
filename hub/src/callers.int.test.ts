import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigMap, ignoreNotFound, Namespace } from '@quarterdeck/apis';
import { createHttpClient, silentLogger } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startHub } from './main.ts';

const listen = { host: '127.0.0.1', port: 0 };
const headers = {
  allowedNames: [],
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: [],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: [],
};
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quarterdeck-callers-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('KA-120b a hub knows the users of its token file, and says whom it believes', async () => {
  const tokenAuthFile = join(dir, 'tokens.csv');
  await writeFile(tokenAuthFile, 'root-token,root,1,"system:masters"\nother,ada,2\n');
  const shared = { database: { type: 'memory' }, listen, logger: silentLogger } as const;
  const clientCaFile = join(dir, 'ca.pem');
  await using other = await startHub(shared);
  await writeFile(clientCaFile, other.caPem);
  await using hub = await startHub({ ...shared, tokenAuthFile, frontProxy: { ...headers, clientCaFile } });
  const as = (token: string) => createHttpClient({ baseUrl: hub.url, token, tls: { ca: hub.caPem } });
  await using root = as('root-token');
  await using ada = as('other');
  await using nobody = as('third');
  expect((await root.get(Namespace, { name: 'default' })).metadata.name).toBe('default');
  await expect(ada.get(Namespace, { name: 'default' })).rejects.toThrow(
    /^namespaces "default" is forbidden: User "ada" /,
  );
  await expect(nobody.get(Namespace, { name: 'default' })).rejects.toThrow('Unauthorized');
  const published = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
  const { data } = await eventually(() => ignoreNotFound(hub.adminClient.get(ConfigMap, published)));
  expect(data).toMatchObject({ 'requestheader-client-ca-file': other.caPem, 'requestheader-allowed-names': '[]' });
});

test.each([
  { name: 'a token file', files: { tokenAuthFile: 'a,b' }, said: /tokenAuthFile, line 1: there are 2 fields/ },
  { name: 'a CA file', files: { clientCaFile: 'no PEM' }, said: /the CA file .*clientCaFile holds no certificate/ },
])('KA-120b a hub does not start with $name that is wrong', async ({ files, said }) => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const options = {
    ...('tokenAuthFile' in files ? { tokenAuthFile: join(dir, 'tokenAuthFile') } : {}),
    ...('clientCaFile' in files ? { frontProxy: { ...headers, clientCaFile: join(dir, 'clientCaFile') } } : {}),
  };
  const start = startHub({ database: { type: 'memory' }, listen, logger: silentLogger, ...options });
  await expect(start).rejects.toThrow(said);
});
