import { setFlagsFromString } from 'node:v8';
import type { Client } from '@quarterdeck/machinery';
import type { AgentAnswer, AgentOrder, AgentQuestion } from './agent-worker.ts';
import { peakRssBytes } from './cpu-time.ts';

// As `quarterdeck agent run` does, before much is loaded.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=20');
Buffer.poolSize = 4_096;
const { runWorks } = await import('@quarterdeck/agent/testing');
const { createHttpClient, createMetrics, silentLogger, systemClock } = await import('@quarterdeck/machinery');

const answer = (message: AgentAnswer) => process.send?.(message);

let requests = 0;
const stopping = new AbortController();

// Without the bench there is nothing to do.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.once('message', (order: AgentOrder) => {
  const { hubNamespace, latencyMs } = order;
  const clients = {
    hubClient: createHttpClient(order.hub),
    memberClient: slowed(createHttpClient(order.member), latencyMs),
  };
  const common = { clock: systemClock, logger: silentLogger, metrics: createMetrics() };
  const isLeaving = () => Promise.resolve(false as const);
  void runWorks({ ...clients, ...common, hubNamespace, hubUID: 'bench', isLeaving }, stopping.signal);
  process.on('message', ({ forget }: AgentQuestion) => {
    void peakRssBytes().then((peak) => {
      answer({ requests, peakRssBytes: peak, rssBytes: process.memoryUsage().rss });
      if (forget) requests = 0;
    });
  });
  answer({ requests: 0, peakRssBytes: 0, rssBytes: 0 });
});

/** Every call of the member takes so long more, as over a network, and is counted; watches once. */
function slowed(client: Client, latencyMs: number): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        requests += 1;
        if (name === 'watch') return Reflect.apply(method, target, args);
        return systemClock.sleep(latencyMs).then(() => Reflect.apply(method, target, args));
      };
    },
  });
}
