import { join } from 'node:path';
import { type Kubectl, kubectl } from '../harness/kubectl.ts';
import { documents, namespace } from '../harness/objects.ts';
import { widgets } from '../harness/widgets.ts';
import type { Scenario } from './line.ts';
import { namespaceOf, play, type Said, type Terminal } from './play.ts';

/** Types all scenarios, a few at a time, in namespaces that hold what controllers put there. */
export async function playAll(terminal: Terminal, scenarios: readonly Scenario[]): Promise<Record<string, Said[]>> {
  const { kubeconfig, version, dir } = terminal;
  const admin = await kubectl({ version, kubeconfig, home: join(dir, `admin-${version}`) });
  await admin.ok('apply -f -', { input: documents(widgets) });
  await admin.ok('wait --for=condition=Established crd/widgets.example.com --timeout=30s');
  await makeNamespaces(admin, terminal, scenarios);
  const waiting = [...scenarios];
  const said: Record<string, Said[]> = {};
  const one = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      said[next.name] = await play(terminal, next);
    }
  };
  await Promise.all([one(), one(), one()]);
  return Object.fromEntries(scenarios.map(({ name }) => [name, said[name] ?? []]));
}

async function makeNamespaces(admin: Kubectl, terminal: Terminal, scenarios: readonly Scenario[]): Promise<void> {
  const names = scenarios.map((scenario) => namespaceOf(terminal, scenario));
  await admin.ok('create -f -', { input: documents(...names.map(namespace)) });
  for (const name of names) {
    const what = 'wait --for=create serviceaccount/default configmap/kube-root-ca.crt --timeout=60s';
    await admin.ok(`${what} -n ${name}`);
  }
}
