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

const proofs: readonly { readonly program: string; readonly name: string }[] = [
  { program: 'informers', name: 'KA-83, KA-90 informers of every kind fill their caches' },
  { program: 'order', name: 'KA-87 all watches see one order' },
  { program: 'counter', name: 'KA-66 32 clients count in one object' },
  { program: 'leader', name: 'KA-142 candidates hand over a Lease' },
  { program: 'events', name: 'KA-69, KA-141b, KA-141c both event recorders' },
  { program: 'apply', name: 'KA-71, KA-76, KA-79 typed apply configurations' },
  { program: 'mapper', name: 'KA-10, KA-15, KA-16 kinds and short names resolve' },
  { program: 'paging', name: 'KA-82 pages under writes' },
  { program: 'rows', name: 'KA-40, KA-82, KA-83 every row of revision and match' },
  { program: 'protobuf', name: 'KA-27, KA-28, KA-30 built-in kinds in protobuf' },
  { program: 'reviews', name: 'KA-121, KA-130a, KA-130d tokens and delegated reviews' },
  { program: 'deletion', name: 'KA-111, KA-114 owners and namespaces take theirs along' },
  { program: 'controller', name: 'KA-49, KA-64, KA-113 a controller-runtime manager' },
  { program: 'argo', name: "KA-26b, KA-60, KA-82 Argo CD's cache and sync" },
  { program: 'flux', name: "KA-60, KA-76, KA-77 Flux's apply engine" },
];
const cases = programs.map((program) => ({
  name: proofs.find((proof) => proof.program === program.name)?.name,
  title: titleOf(program),
  program,
}));

test.each(cases)('$name: $title', async ({ title, program }) => {
  const { result } = await startProgram(program, admin, hub.kubeconfig);
  expect(await result).toEqual((await readSeen())[title]);
});

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
