import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace } from '@quarterdeck/apis';
import { createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import { testAuthority, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { anchorsOf } from './known-by.ts';
import { startHub } from './main.ts';

test.each(['named by --tls-ca-file', 'at the end of its chain'])(
  'KA-144, RG-51 the kubeconfig of a hub with a certificate of another CA verifies it: the CA is %s',
  async (where) => {
    await using cleanup = new AsyncDisposableStack();
    const { path: dir } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'qd-known-by-')));
    const [certificateFile, keyFile, caFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    const authority = testAuthority('of the operator');
    const { cert, key } = authority.issue('hub');
    const isNamed = where.startsWith('named');
    await writeFile(certificateFile, isNamed ? cert : cert + authority.cert);
    await writeFile(caFile, authority.cert);
    await writeFile(keyFile, key, { mode: 0o600 });
    const hub = cleanup.use(
      await startHub({
        database: { type: 'memory' },
        listen: { host: '127.0.0.1', port: 0 },
        certificateFiles: { certificateFile, keyFile, ...(isNamed ? { caFile } : {}) },
        logger: testLogger(),
      }),
    );
    const path = join(dir, 'kubeconfig');
    await writeFile(path, await hub.adminKubeconfig(), { mode: 0o600 });
    const client = cleanup.use(createHttpClient(await loadKubeconfig({ path })));
    expect((await client.get(Namespace, { name: 'default' })).metadata.name).toBe('default');
  },
  60_000,
);

test('KA-144 a certificate that no known root has issued is known by itself', () => {
  const { cert } = testAuthority('unheard of').issue('hub');
  expect(anchorsOf(cert)).toBe(cert);
});
