import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { conditionType, isConditionTrue, MemberCluster } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { type HubProcess, program } from '../servers/hub.ts';
import { type MembersProcess, startMembers } from '../servers/members.ts';
import { until } from '../servers/until.ts';

/** Joining costs a third of a second of CPU for each. */
const joinPatienceMs = (size: number) => 120_000 + size * 600;

/** So many simulated members with their agents in one process; resolves when all are available on the hub. */
export async function startJoinedMembers(hub: HubProcess, hubClient: Client, size: number): Promise<MembersProcess> {
  await using cleanup = new AsyncDisposableStack();
  const names = Array.from({ length: size }, (_, index) => `m${index + 1}`);
  const members = cleanup.use(
    await startMembers(
      { hubUrl: hub.url, caHash: hub.caHash, token: await createToken(hub), names },
      joinPatienceMs(size),
    ),
  );
  await until(`${size} members to be available`, () => areAvailable(hubClient, size), {
    timeoutMs: joinPatienceMs(size),
  });
  cleanup.move();
  return members;
}

async function createToken({ kubeconfig }: HubProcess): Promise<string> {
  const args = ['token', 'create', '--cluster', 'm*', '--reusable', '--ttl', '1h', '--kubeconfig', kubeconfig];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const [, token] = /--token (\S+)/.exec(stdout) ?? [];
  if (token === undefined) throw new Error(`no token in: ${stdout}`);
  return token;
}

async function areAvailable(hubClient: Client, size: number): Promise<true | undefined> {
  const { items } = await hubClient.list(MemberCluster);
  const available = items.filter(({ status }) =>
    isConditionTrue(status?.conditions, conditionType.MemberCluster.Available),
  );
  return available.length === size ? true : undefined;
}
