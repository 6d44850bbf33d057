/**
 * `pnpm upstream [--kubeconfig FILE | --real] [--exceptions] [--procs N] [--focus TEXT]`: Kubernetes' own end-to-end
 * tests against a hub started for them, against a real kube-apiserver (`--real`, the judge of the lists), or against
 * any API server. `--exceptions` also runs those that may fail; some wait ten minutes before they do.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHubProcess } from '../harness/hub.ts';
import { tempDir } from '../harness/temp-dir.ts';
import { kubeBinaries, startEtcd, startKubeCluster } from '../kube/index.ts';
import { groupsOf } from './groups.ts';
import { readExpectations } from './names.ts';
import { runGroups } from './suite.ts';
import { differences } from './verdict.ts';

const { values: flags } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    real: { type: 'boolean', default: false },
    exceptions: { type: 'boolean', default: false },
    procs: { type: 'string' },
    focus: { type: 'string', default: '' },
  },
});
const progress = (line: string) => void process.stderr.write(`${line}\n`);

await using cleanup = new AsyncDisposableStack();
const dir = cleanup.use(await tempDir()).path;
const expected = await readExpectations();
const all = groupsOf(expected, flags.exceptions ? 'all' : 'none');
const inFocus = (names: readonly string[]) => names.filter((name) => name.includes(flags.focus));
const groups = { quick: inFocus(all.quick), slow: inFocus(all.slow) };
const names = [...groups.quick, ...groups.slow];
const started = Date.now();
const outcomes = await runGroups(groups, {
  kubeconfig: flags.kubeconfig ?? (flags.real ? await realApi() : await ownHub()),
  dir,
  progress,
  ...(flags.procs === undefined ? {} : { procs: Number(flags.procs) }),
});
const lines = differences(outcomes, expected, names);
const passed = names.filter((name) => outcomes.get(name)?.state === 'passed').length;
const seconds = Math.round((Date.now() - started) / 1000);
const sum = `${passed} of ${names.length} passed in ${seconds} s, ${lines.length} not as listed`;
process.stdout.write([...lines, sum, ''].join('\n'));
if (lines.length > 0) process.exitCode = 1;

async function ownHub(): Promise<string> {
  return cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') })).kubeconfig;
}

async function realApi(): Promise<string> {
  const binaries = await kubeBinaries(progress);
  const etcd = cleanup.use(await startEtcd(binaries, join(dir, 'etcd')));
  return cleanup.use(await startKubeCluster({ binaries, etcd, name: 'judge', dir, parts: 'api' })).kubeconfig;
}
