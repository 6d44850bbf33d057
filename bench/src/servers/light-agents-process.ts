import { createKey, requestCertificate } from '@quarterdeck/agent/testing';
import { createHttpClient, systemClock } from '@quarterdeck/machinery';
import { createLightAgent, type LightAgent } from './light-agent.ts';
import type { LightAnswer, LightCount, LightOrder, LightQuestion } from './light-agents.ts';

/** Joining is signatures and a dozen writes of the hub: more at once would only wait. */
const joinAtOnce = 16;
const beatEveryMs = 10_000;
const reportEveryMs = 60_000;
/** Agents that cannot connect try again after this long, up to twice as long. */
const reconnectMs = 1_000;

interface Held {
  readonly agent: LightAgent;
  readonly timers: NodeJS.Timeout[];
}

const held: Held[] = [];
const never = new AbortController().signal;
let order: LightOrder | undefined;
let counted = newCount();

interface Counted {
  beats: number;
  missed: number;
  beatMs: number[];
  reports: number;
  unreported: number;
  reconnects: number;
  trouble: string | undefined;
}

function newCount(): Counted {
  return { beats: 0, missed: 0, beatMs: [], reports: 0, unreported: 0, reconnects: 0, trouble: undefined };
}

// Without the bench there is nobody to be counted for.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.on('message', (question: LightQuestion) => {
  const started = performance.now();
  const say = (answer: LightAnswer) => process.send?.(answer);
  handle(question).then(
    (count) => say({ ok: true, seconds: (performance.now() - started) / 1000, count }),
    (error: unknown) => say({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  );
});

async function handle(question: LightQuestion): Promise<LightCount> {
  switch (question.ask) {
    case 'begin':
      order = question;
      return taken();
    case 'join':
      await join(question.names);
      return taken();
    case 'storm':
      for (const { agent } of held) agent.cut();
      await Promise.all(held.map(({ agent }) => connectUntil(agent)));
      return taken();
    case 'silence':
      for (const { timers } of held.slice(0, question.count)) for (const timer of timers) clearInterval(timer);
      return taken();
    case 'count':
      return taken();
  }
}

function taken(): LightCount {
  const { trouble, ...numbers } = counted;
  const watching = held.reduce((sum, { agent }) => sum + agent.watching, 0);
  counted = newCount();
  return { ...numbers, watching, ...(trouble === undefined ? {} : { trouble }) };
}

async function join(names: readonly string[]): Promise<void> {
  if (order === undefined) throw new Error('nobody said where the hub is');
  const { hubUrl, ca, token } = order;
  await using bootstrap = createHttpClient({ baseUrl: hubUrl, tls: { ca }, token });
  const rest = names.values();
  const lane = async () => {
    for (const clusterName of rest) {
      const key = createKey();
      const about = { hubClient: bootstrap, clusterName, key, clusterUID: `uid-${clusterName}` };
      const cert = await requestCertificate({ ...about, clock: systemClock, signal: never });
      const agent = createLightAgent({ hubUrl, ca, clusterName, cert, key });
      await connectUntil(agent);
      await beat(agent);
      await report(agent);
      held.push({ agent, timers: keepOn(agent) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(joinAtOnce, names.length) }, lane));
}

/** Spread over the period, as in a fleet that was not started at once. */
function keepOn(agent: LightAgent): NodeJS.Timeout[] {
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, work: (agent: LightAgent) => Promise<void>) => {
    const first = setTimeout(() => timers.push(setInterval(() => void work(agent), ms)), Math.random() * ms);
    timers.push(first);
  };
  every(beatEveryMs, beat);
  every(reportEveryMs, report);
  return timers;
}

async function beat(agent: LightAgent): Promise<void> {
  try {
    counted.beatMs.push(await agent.beat());
    counted.beats += 1;
  } catch (error) {
    counted.missed += 1;
    note(error);
  }
}

async function report(agent: LightAgent): Promise<void> {
  try {
    await agent.report();
    counted.reports += 1;
  } catch (error) {
    counted.unreported += 1;
    note(error);
  }
}

async function connectUntil(agent: LightAgent): Promise<void> {
  for (;;) {
    try {
      return await agent.connect();
    } catch (error) {
      agent.cut();
      counted.reconnects += 1;
      note(error);
      await new Promise((resolve) => setTimeout(resolve, reconnectMs * (1 + Math.random())));
    }
  }
}

function note(error: unknown): void {
  counted.trouble = error instanceof Error ? error.message : String(error);
}
