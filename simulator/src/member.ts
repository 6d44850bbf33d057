import {
  type ApiServer,
  createApiControllers,
  createApiServer,
  createInProcessClient,
  createMemoryDatabase,
  openMemoryStorage,
  type Pipeline,
  type Pki,
  type RuleCompiler,
  type Storage,
  serverContext,
  systemUser,
  workloadDefinitions,
} from '@quarterdeck/apiserver';
import type { Client, Clock, HttpClientOptions, Logger, Metrics } from '@quarterdeck/machinery';
import { simulatedControllers } from './controllers/all.ts';
import { registerNodes } from './controllers/node/nodes.ts';
import { runEngine } from './engine/engine.ts';
import { type AdminAccess, administrator, bindAdministrators } from './identity.ts';
import type { MemberShape } from './options.ts';
import { createRandom } from './random.ts';
import { simulatedVersion } from './simulated.ts';
import { type FirstObjects, plantFirstObjects } from './template.ts';

/** One simulated cluster: an API server with workloads that pretend to run. Dispose of it by its fleet, or alone. */
export interface SimulatedMember extends AsyncDisposable {
  readonly name: string;
  /** `https://HOST:PORT/clusters/NAME` */
  readonly url: string;
  /** YAML with an administrator's client certificate. It is valid in this member only. */
  readonly kubeconfig: string;
  /** The same for `createHttpClient`. */
  readonly client: HttpClientOptions;
  /** The same administrator without a network; works again after a restart. */
  readonly inProcessClient: Client;
  readonly isRunning: boolean;
  /** Plays an outage: from now on every request is answered with 503, and nothing moves. Data stays. Idempotent. */
  stop(): Promise<void>;
  /** Ends the outage. Idempotent. */
  start(): Promise<void>;
}

export interface MemberOptions {
  readonly name: string;
  readonly url: string;
  readonly access: AdminAccess;
  readonly pki: Pki;
  readonly firstObjects: FirstObjects;
  readonly shape: MemberShape;
  readonly seed: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Shared by all members. */
  readonly metrics: Metrics;
  /** Shared by all members, whose CRDs are alike. */
  readonly ruleCompiler: RuleCompiler;
}

export interface MountedMember {
  readonly member: SimulatedMember;
  /** For the listener: lasts over restarts. */
  readonly pipeline: Pipeline;
}

/** @returns a member that is not started yet */
export function createMember(options: MemberOptions): MountedMember {
  const { name, url, access } = options;
  const database = createMemoryDatabase();
  let running: RunningMember | undefined;
  let changing: Promise<void> = Promise.resolve();
  /** Of the newest server; one that is not started, or stopped, answers 503 by itself. */
  let newest: Pipeline | undefined;
  let starts = 0;

  /** Starts and stops come one after the other. */
  function change(step: () => Promise<void>): Promise<void> {
    const next = changing.then(step);
    changing = next.catch(() => undefined);
    return next;
  }

  const pipeline: Pipeline = (request) => {
    if (newest === undefined) throw new Error(`the simulated member ${name} was never started`);
    return newest(request);
  };
  const member: SimulatedMember = {
    name,
    url,
    kubeconfig: access.kubeconfig,
    client: access.client,
    inProcessClient: createInProcessClient(pipeline, administrator(name)),
    get isRunning() {
      return running !== undefined;
    },
    start: () =>
      change(async () => {
        if (running !== undefined) return;
        const storage = openMemoryStorage(database, options);
        if (starts === 0) await plantFirstObjects(storage, options.firstObjects, seedOf(options));
        starts++;
        // Not the numbers of the last time again: they are in names that are taken.
        const server = createServer(options, storage, createRandom(`${seedOf(options)}\n${starts}`));
        newest = server.pipeline;
        running = await runMember(options, server, storage);
      }),
    stop: () =>
      change(async () => {
        await running?.stop();
        running = undefined;
      }),
    [Symbol.asyncDispose]: () => member.stop(),
  };
  return { member, pipeline };
}

const seedOf = ({ seed, name }: MemberOptions): string => `${seed}\n${name}`;

function createServer(options: MemberOptions, storage: Storage, random: () => number): ApiServer {
  const { pki, url, clock, logger, ruleCompiler } = options;
  return createApiServer({
    storage,
    pki,
    issuer: url,
    clock,
    logger,
    random,
    definitions: workloadDefinitions,
    ruleCompiler,
    version: simulatedVersion,
  });
}

interface RunningMember {
  stop(): Promise<void>;
}

/** Starts everything that one member consists of; when that fails, nothing is left running. */
async function runMember(options: MemberOptions, server: ApiServer, storage: Storage): Promise<RunningMember> {
  const { name, shape, clock, pki, metrics } = options;
  const logger = options.logger.child({ member: name });
  const stopping = new AbortController();
  const { signal } = stopping;
  const working: Promise<void>[] = [];
  const stop = async (): Promise<void> => {
    stopping.abort(new Error(`the simulated member ${name} stops`));
    await Promise.all(working);
    await server.stop();
    await storage[Symbol.asyncDispose]();
  };
  try {
    await server.start(signal);
    const client = server.client(systemUser);
    await bindAdministrators(client, name, signal);
    await registerNodes({ memberName: name, shape, client, now: clock.now(), signal });
    const api = createApiControllers(serverContext(server, pki, { clock, logger, metrics }));
    api.start(signal);
    working.push(api.stopped);
    const seed = seedOf(options);
    const controllers = simulatedControllers({ delays: shape.delays, seed, clock });
    const random = createRandom(`${seed}\nretries`);
    const engine = runEngine({ controllers, store: server.store, client, clock, logger, random }, signal);
    working.push(engine.catch((error: unknown) => logger.error({ err: error }, 'simulation ended')));
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
