/**
 * `pnpm argocd`: Argo CD itself, built from its Go module, delivers to members by decisions of the hub, through their tunnels
 * and by tokens of their own, all set up as docs/guides/access.md and docs/guides/use-decisions.md say. Too long for the tiers:
 * fetching and building it takes minutes. It needs Go and Git.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guideFile } from '../harness/guide.ts';
import { startQuarterdeck } from '../harness/quarterdeck.ts';
import { freePorts } from '../kube/ports.ts';
import { addClusterSecrets, controllerAccount, startArgoCdFleet } from './fleet.ts';
import { startParts } from './parts.ts';
import { argoCdProgram } from './program.ts';
import { appRepository, installArgoCd } from './setup.ts';
import { type Generator, story } from './story.ts';

const token = 'a-long-random-token';
const progress = (line: string) => void process.stderr.write(`${line}\n`);
const program = await argoCdProgram(progress);

await using cleanup = new AsyncDisposableStack();
const argoCdFleet = cleanup.use(await startArgoCdFleet());
const { fleet } = argoCdFleet;
await installArgoCd(fleet.kubectl, program);
await fleet.kubectl.ok('apply -f -', { input: await guideFile('use-decisions', 'generator.yaml', {}) });
const controllerKubeconfig = await argoCdFleet.kubeconfigOf(controllerAccount);
await addClusterSecrets(argoCdFleet, controllerKubeconfig);
const parts = cleanup.use(
  await startParts({
    path: program.path,
    dir: join(fleet.dir, 'argocd'),
    kubeconfigs: {
      'application-controller': controllerKubeconfig,
      'applicationset-controller': await argoCdFleet.kubeconfigOf('argocd-applicationset-controller'),
    },
  }),
);
const generator = await generatorOf();
cleanup.defer(() => generator.stop());
const repository = await appRepository(join(fleet.dir, 'shop'));
const applicationSet = await guideFile('use-decisions', 'argocd.yaml', {
  'http://quarterdeck-generator.argocd.svc:4355': generator.url,
  'https://git.example.com/shop.git': repository.url,
  'requeueAfterSeconds: 30': 'requeueAfterSeconds: 2',
  'a-long-random-token': token,
});

let held = 0;
const steps = story({ fleet, generator, repository, applicationSet });
for (const { claim, hold } of steps) {
  const began = performance.now();
  try {
    await hold();
  } catch (error) {
    process.stdout.write(`not so: ${claim}\n${String(error)}\n${await parts.complaints()}\n`);
    process.exitCode = 1;
    break;
  }
  held += 1;
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${claim}\n`);
}
process.stdout.write(`${held} of ${steps.length} hold with Argo CD ${program.version}\n`);

/** The generator as a process, with no right but to read. */
async function generatorOf(): Promise<Generator & { readonly url: string }> {
  const [port] = await freePorts(1);
  const tokenFile = join(fleet.dir, 'generator-token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const kubeconfig = await argoCdFleet.kubeconfigOf('quarterdeck-generator');
  const start = () =>
    startQuarterdeck({
      args: [
        ...['argocd-generator', '-n', 'default', '--profiles-in', 'clusterset-default', '--kubeconfig', kubeconfig],
        ...['--token-file', tokenFile, '--listen', `127.0.0.1:${port}`],
      ],
      logFile: join(fleet.dir, 'generator.log'),
      ready: /are served at/,
    });
  let running = (await start()).process;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => running.stop(),
    start: async () => {
      running = (await start()).process;
    },
  };
}
