import { type Client, createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import type { HubProcess } from '../servers/hub.ts';
import { type LightAgents, type LightCount, type LightQuestion, startLightAgents } from '../servers/light-agents.ts';
import { createToken, untilAvailable } from './joined-members.ts';

/** One thread of TLS ends at about so many connections that come at once. */
const perProcess = 2_500;

/** Light agents in as many processes as they need. */
export interface LightFleet extends AsyncDisposable {
  /** For the hub, as an administrator. */
  readonly hubClient: Client;
  /** Of the processes of agents. */
  readonly pids: readonly number[];
  /** Lets more join, until there are so many in all; resolves when the hub holds all of them for available. */
  grow(size: number): Promise<void>;
  /** Asks all processes at once. @returns what they counted, together, and how long the slowest took */
  ask(question: Exclude<LightQuestion, { ask: 'begin' | 'join' }>): Promise<{ seconds: number; count: LightCount }>;
}

/** Room for a fleet of up to `capacity`, with nobody in it yet. */
export async function startLightFleet(hub: HubProcess, capacity: number): Promise<LightFleet> {
  await using cleanup = new AsyncDisposableStack();
  const connection = await loadKubeconfig({ path: hub.kubeconfig });
  const hubClient = cleanup.use(createHttpClient(connection));
  const tls = typeof connection.tls === 'function' ? connection.tls() : connection.tls;
  const order = { hubUrl: hub.url, ca: String(tls?.ca), token: await createToken(hub) };
  const processes: LightAgents[] = [];
  for (let room = 0; room < capacity; room += perProcess) processes.push(cleanup.use(await startLightAgents(order)));
  let size = 0;
  const moved = cleanup.move();
  return {
    hubClient,
    pids: processes.map(({ pid }) => pid),
    async grow(wanted) {
      const names = Array.from({ length: wanted - size }, (_, index) => `m${size + index + 1}`);
      const shares = processes.map((_, each) => names.filter((_name, index) => index % processes.length === each));
      await Promise.all(processes.map((each, index) => each.ask({ ask: 'join', names: shares[index] ?? [] })));
      size = wanted;
      await untilAvailable(hubClient, size);
    },
    async ask(question) {
      const answers = await Promise.all(processes.map((each) => each.ask(question)));
      return {
        seconds: Math.max(...answers.map(({ seconds }) => seconds)),
        count: answers.map(({ count }) => count).reduce(add),
      };
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

function add(a: LightCount, b: LightCount): LightCount {
  const trouble = a.trouble ?? b.trouble;
  return {
    beats: a.beats + b.beats,
    missed: a.missed + b.missed,
    beatMs: [...a.beatMs, ...b.beatMs],
    reports: a.reports + b.reports,
    unreported: a.unreported + b.unreported,
    reconnects: a.reconnects + b.reconnects,
    watching: a.watching + b.watching,
    ...(trouble === undefined ? {} : { trouble }),
  };
}
