import {
  createIssuedCertificate,
  createMemoryDatabase,
  createRuleCompiler,
  type HttpListener,
  loadOrCreatePki,
  openMemoryStorage,
  type SettingsStore,
  startHttpListener,
} from '@quarterdeck/apiserver';
import { createMetrics, silentLogger, systemClock } from '@quarterdeck/machinery';
import { adminAccess } from './identity.ts';
import { createMember, type MountedMember, type SimulatedMember } from './member.ts';
import { memberNames, type SimulatedFleetOptions, shapeOf } from './options.ts';
import { createRandom } from './random.ts';
import { openSettingsFile } from './settings-file.ts';
import { firstObjects } from './template.ts';

/** Simulated clusters behind one TLS listener, by path prefix. */
export interface SimulatedFleet extends AsyncDisposable {
  /** `https://HOST:PORT`, without a member's prefix. */
  readonly url: string;
  /** PEM of the CA that all members trust and are trusted by. */
  readonly caBundle: string;
  /** By name, in the order they were named. */
  readonly members: ReadonlyMap<string, SimulatedMember>;
  /** Stops the members and the listener. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a fleet; resolves when every member serves. Its members are clusters to whoever talks to them, and say that
 * they are simulated: in their version, and on every node and pod. ADR 0006
 * @throws RangeError for names that cannot be; Error when the port is taken
 */
export async function startSimulatedFleet(options: SimulatedFleetOptions = {}): Promise<SimulatedFleet> {
  const { seed = 'quarterdeck', clock = systemClock, logger = silentLogger } = options;
  const { host, port, names: hostNames = [] } = options.listen ?? { host: '127.0.0.1', port: 0 };
  const names = memberNames(options);
  const pki = await loadOrCreatePki(await openSettings(options), { clock });
  const certificateNames = [...new Set([host, 'localhost', '127.0.0.1', ...hostNames])];
  const certificate = await createIssuedCertificate({ pki, names: certificateNames, clock, logger });
  const listener = await startHttpListener({ host, port, certificate, logger, clock });
  const shared = {
    pki,
    seed,
    clock,
    logger,
    metrics: createMetrics(),
    ruleCompiler: createRuleCompiler(),
    firstObjects: await firstObjects({ pki, clock, random: createRandom(seed) }),
  };
  const mounted = await Promise.all(
    names.map(async (name, index) => {
      const url = `${listener.url}${prefixOf(name)}`;
      const access = await adminAccess(pki, name, url);
      return createMember({ ...shared, name, url, access, shape: shapeOf(options, name, index) });
    }),
  );
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = listener.stop({ graceMs: 1000 });
    await Promise.all(mounted.map(({ member }) => member.stop()));
    await closed;
    certificate[Symbol.dispose]();
  };
  const fleet: SimulatedFleet = {
    url: listener.url,
    caBundle: pki.caBundle,
    members: new Map(mounted.map(({ member }) => [member.name, member])),
    stop() {
      stopping ??= stop();
      return stopping;
    },
    [Symbol.asyncDispose]: () => fleet.stop(),
  };
  try {
    await startAll(mounted, listener);
    return fleet;
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

const prefixOf = (name: string): string => `/clusters/${name}`;

/** One after the other: they share one thread, and the first ones serve soonest so. */
async function startAll(mounted: readonly MountedMember[], listener: HttpListener): Promise<void> {
  for (const { member, pipeline } of mounted) {
    await member.start();
    listener.mount(prefixOf(member.name), pipeline);
  }
}

async function openSettings({ dataDir, clock = systemClock }: SimulatedFleetOptions): Promise<SettingsStore> {
  if (dataDir !== undefined) return openSettingsFile(dataDir);
  return openMemoryStorage(createMemoryDatabase(), { clock }).settings;
}
