import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createToken, startAgentProcess } from './harness/agent.ts';
import { startHubProcess } from './harness/hub.ts';
import { kubectl } from './harness/kubectl.ts';
import { startClusters } from './harness/members.ts';
import { repository } from './harness/quarterdeck.ts';
import { tempDir } from './harness/temp-dir.ts';

test('RG-52 of two processes of a hub each passes on what it has a tunnel for, and says so where it has none', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const common = { clock: systemClock, logger: silentLogger };
  const dataDir = join(dir, 'postgres');
  cleanup.defer(() => removeEmbeddedPostgres(dataDir, common));
  const database = cleanup.use(await startEmbeddedPostgres({ dataDir, ...common }));
  const clusters = cleanup.use(await startClusters(['m1', 'm2'], dir));
  const one = cleanup.use(await startHubProcess({ dataDir: join(dir, 'one'), database: database.url }));
  const two = cleanup.use(await startHubProcess({ dataDir: join(dir, 'two'), database: database.url }));
  const atBoth = [one, two].flatMap(({ url }) => ['--tunnel-url', url]);
  for (const [name, addresses] of [
    ['m1', atBoth],
    ['m2', []],
  ] as const) {
    const { kubeconfig } = clusters.get(name);
    const onMember = await kubectl({ kubeconfig, home: dir });
    await onMember.ok(['apply', '-f', join(repository, 'deploy/member-rights.yaml')]);
    await onMember.ok(['apply', '-f', join(repository, 'deploy/member-tunnel.yaml')]);
    const { token, trust } = await createToken({ kubeconfig: one.kubeconfig, cluster: name });
    cleanup.use(
      await startAgentProcess({
        clusterName: name,
        hubUrl: one.url,
        trust,
        token,
        kubeconfig,
        stateDir: join(dir, `agent-${name}`),
        args: ['--tunnel', ...addresses],
      }),
    );
  }
  const [atOne, atTwo] = await Promise.all(
    [one, two].map(({ kubeconfig }, index) => kubectl({ kubeconfig, home: join(dir, `home-${index}`) })),
  );
  if (atOne === undefined || atTwo === undefined) throw new Error('two were made');
  const version = (name: string) => `get --raw /apis/quarterdeck.dev/v1alpha1/memberclusters/${name}/proxy/version`;
  const isServed = async (call: typeof atOne, name: string) => (await call(version(name))).code === 0;
  await eventually(async () => (await isServed(atOne, 'm1')) && (await isServed(atTwo, 'm1')), { timeoutMs: 60_000 });
  await eventually(() => isServed(atOne, 'm2'), { timeoutMs: 60_000 });
  expect((await atTwo(version('m2'))).stderr).toContain(
    'holds its tunnel to another process of this hub: start it with a --tunnel-url for each of them',
  );
});
