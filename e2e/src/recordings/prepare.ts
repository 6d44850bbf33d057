import { exchange, type Target } from './exchange.ts';
import { namespaceOf } from './play.ts';
import type { Scenario } from './step.ts';

/** Makes the scenarios' namespaces and waits for what controllers put into each. @throws Error after 60 s */
export async function makeNamespaces(target: Target, scenarios: readonly Scenario[]): Promise<void> {
  const names = scenarios.map(namespaceOf);
  for (const name of names) {
    const { status, text } = await exchange(target, {
      method: 'POST',
      path: '/api/v1/namespaces',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(`{"metadata":{"name":"${name}"}}`),
    });
    if (status !== 201) throw new Error(`namespace ${name}: ${status} ${text}`);
  }
  for (const name of names) {
    await untilThere(target, `/api/v1/namespaces/${name}/serviceaccounts/default`);
    await untilThere(target, `/api/v1/namespaces/${name}/configmaps/kube-root-ca.crt`);
  }
}

async function untilThere(target: Target, path: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { status } = await exchange(target, { method: 'GET', path, headers: {} });
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} did not appear`);
}
