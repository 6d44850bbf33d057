import { memoryStateStore, startAgent } from '@quarterdeck/agent';
import { createMetrics, silentLogger } from '@quarterdeck/machinery';
import { startSimulatedFleet } from '@quarterdeck/simulator';
import type { MembersAnswer, MembersOrder } from './members.ts';

/** Joining is signatures: so many agents at once keep the core busy, and more would only time out. */
const joinAtOnce = 32;

const answer = (message: MembersAnswer) => process.send?.(message);

// Without the bench there is nothing to simulate for.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.once('message', (order: MembersOrder) => {
  run(order).then(
    () => answer({ type: 'ready' }),
    (error: unknown) => answer({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});

async function run({ hubUrl, caHash, token, names }: MembersOrder): Promise<void> {
  const fleet = await startSimulatedFleet({ names });
  const metrics = createMetrics();
  const members = [...fleet.members.values()];
  for (let first = 0; first < members.length; first += joinAtOnce) {
    const batch = members.slice(first, first + joinAtOnce).map(({ name, inProcessClient }) =>
      startAgent({
        clusterName: name,
        hubUrl,
        trust: { caHash },
        token: () => Promise.resolve(token),
        memberClient: inProcessClient,
        store: memoryStateStore(),
        logger: silentLogger,
        metrics,
      }),
    );
    await Promise.all(batch.map((agent) => agent.ready));
  }
}
