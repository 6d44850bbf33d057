import { Deployment, Pod } from '@quarterdeck/apis';
import { createHttpClient, createLogger } from '@quarterdeck/machinery';
import { startSimulatedFleet } from './src/index.ts';
import { deploymentObject } from './src/testing/index.ts';
const t0 = performance.now();
await using fleet = await startSimulatedFleet({ count: 2, logger: createLogger({ level: process.env.L ?? 'info' }) });
console.log('started', performance.now() - t0);
const m1 = fleet.members.get('m1')!;
await using client = createHttpClient(m1.client);
const t1 = performance.now();
await client.create(Deployment, deploymentObject('web', { replicas: 4 }));
for (let i = 0; i < 40; i++) {
  await new Promise((r) => setTimeout(r, 250));
  const d = await client.get(Deployment, { namespace: 'default', name: 'web' });
  console.log(Math.round(performance.now() - t1), JSON.stringify(d.status));
  if (d.status?.availableReplicas === 4) break;
}
const pods = await client.list(Pod, { namespace: 'default' });
console.log(JSON.stringify(pods.items[0], null, 1));
await client.delete(Deployment, { namespace: 'default', name: 'web' });
await new Promise((r) => setTimeout(r, 500));
console.log((await client.list(Pod, {})).items.length);
