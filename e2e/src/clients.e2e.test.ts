import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Program, programs, startProgram, titleOf } from './clients/programs.ts';
import { readSeen } from './clients/seen.ts';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { documents } from './harness/objects.ts';
import { tempDir } from './harness/temp-dir.ts';
import { widgets } from './harness/widgets.ts';

/** Unmodified Go clients see of the hub what they see of a real kube-apiserver. */

const stack = new AsyncDisposableStack();
let hub: HubProcess;
let admin: Kubectl;

beforeAll(async () => {
  const dir = stack.use(await tempDir()).path;
  hub = stack.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  admin = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  await admin.ok('create -f -', { input: documents(widgets) });
  await admin.ok('wait --for=condition=Established crd/widgets.example.com --timeout=10s');
});
afterAll(() => stack.disposeAsync());

test.each(programs.map((program) => ({ title: titleOf(program), program })))(
  'KA-28, KA-76, KA-90 $title',
  async ({ title, program }) => {
    const { result } = await startProgram(program, admin, hub.kubeconfig);
    expect(await result).toEqual((await readSeen())[title]);
  },
);

test('KA-87, KA-92 an informer goes on after the hub was down: nothing lost, nothing twice, no second list', async () => {
  const program: Program = { name: 'resume', build: 'kube-1.35' };
  const running = await startProgram(program, admin, hub.kubeconfig);
  await running.said('100 written');
  await hub.kill('SIGKILL');
  await hub.restart();
  await running.said('250 written');
  running.tell('stop');
  expect(await running.result).toEqual({
    equalsList: true,
    rising: true,
    nothingLost: true,
    refills: 0,
    failure: null,
  });
});
