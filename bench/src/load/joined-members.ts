import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { conditionType, isConditionTrue, MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { type HubProcess, program } from '../servers/hub.ts';
import { startMembers } from '../servers/members.ts';
import { until } from '../servers/until.ts';

/** Joining costs a third of a second of CPU for each. */
const joinPatienceMs = (size: number) => 120_000 + size * 600;

/** One process of all would be one CPU of all, and what is measured. */
const perProcess = 250;

/** Simulated members with their agents. */
export interface JoinedMembers extends AsyncDisposable {
  /** Of their processes. */
  readonly pids: readonly number[];
}

/** So many simulated members with their agents, some hundred in a process; resolves when all are available on the hub. */
export async function startJoinedMembers(hub: HubProcess, hubClient: Client, size: number): Promise<JoinedMembers> {
  await using cleanup = new AsyncDisposableStack();
  const names = Array.from({ length: size }, (_, index) => `m${index + 1}`);
  const order = { hubUrl: hub.url, caHash: hub.caHash, token: await createToken(hub) };
  const parts = Array.from({ length: Math.ceil(size / perProcess) }, (_, index) =>
    names.slice(index * perProcess, (index + 1) * perProcess),
  );
  const pids = await Promise.all(
    parts.map(async (part) => cleanup.use(await startMembers({ ...order, names: part }, joinPatienceMs(size))).pid),
  );
  await untilAvailable(hubClient, size);
  const moved = cleanup.move();
  return { pids, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** One that any number of members may use. */
export async function createToken({ kubeconfig }: HubProcess): Promise<string> {
  const args = ['token', 'create', '--cluster', 'm*', '--reusable', '--ttl', '1h', '--kubeconfig', kubeconfig];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const [, token] = /--token (\S+)/.exec(stdout) ?? [];
  if (token === undefined) throw new Error(`no token in: ${stdout}`);
  return token;
}

/** @throws Error when they are not in the time that joining may take */
export async function untilAvailable(hubClient: Client, size: number): Promise<void> {
  await until(`${size} members to be available`, () => areAvailable(hubClient, size), {
    timeoutMs: joinPatienceMs(size),
    // Looking is a list of all of them.
    everyMs: 500,
  });
}

async function areAvailable(hubClient: Client, size: number): Promise<true | undefined> {
  const { items } = await hubClient.list(MemberCluster);
  const available = items.filter(({ status }) =>
    isConditionTrue(status?.conditions, conditionType.MemberCluster.Available),
  );
  return available.length === size ? true : undefined;
}
