import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Agent } from '@quarterdeck/agent';
import {
  ClusterSetBinding,
  type Condition,
  conditionType,
  findCondition,
  ignoreNotFound,
  isAlreadyExists,
  isConditionTrue,
  type KubeObject,
  MemberCluster,
  Placement,
  type ResourceType,
  WorkSet,
} from '@quarterdeck/apis';
import type { Hub } from '@quarterdeck/hub';
import { type Client, createLogger, createMetrics, makeDirectory, systemClock } from '@quarterdeck/machinery';
import { writeSecretFile } from '../files.ts';
import { createJoinToken } from '../join-token.ts';
import { table } from '../output.ts';
import { type DemoMember, type DemoMembers, type MemberKind, startMembers } from './members.ts';
import { binding, demoNamespace, demoPlacement, demoWorkSet, goldLabel, placement, workSet } from './objects.ts';
import { createProgress, type Progress } from './progress.ts';
import { whyOf } from './why.ts';

export interface DemoOptions {
  readonly clusters: number;
  readonly members: MemberKind;
  readonly port: number;
  /** Forget what an earlier demo left. */
  readonly fresh: boolean;
  readonly dir: string;
  readonly signal: AbortSignal;
}

/** A fleet that stands: hub, members, agents, and an app on two of them. */
export interface Demo extends AsyncDisposable {
  readonly hub: Hub;
}

/** How long the fleet may take to get there before the demo says what is missing, for three members and for each more. */
const patienceMs = (clusters: number) => 120_000 + clusters * 300;

/**
 * Starts everything by the paths that users take, waits until the agents report the app available, and prints what runs
 * where and why. A second start on the same data resumes.
 * @throws Error saying what is missing when the fleet does not get there
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { clusters, dir, signal } = options;
  const started = performance.now();
  const progress = createProgress();
  // Everybody's doings go to a file: the terminal is for the user.
  const logger = createLogger({ level: 'info', destination: await logFile(dir, options.fresh) });
  await using cleanup = new AsyncDisposableStack();

  const { startHub } = await import('@quarterdeck/hub');
  const hub = cleanup.use(
    await progress.step('hub on embedded PostgreSQL', () =>
      startHub({
        database: { type: 'embedded', dir: join(dir, 'hub') },
        listen: { host: '127.0.0.1', port: options.port },
        listenAdvice: 'choose another port with --port',
        logger,
        signal,
      }),
    ),
  );
  const kubeconfig = join(dir, 'kubeconfig');
  await writeSecretFile(kubeconfig, await hub.adminKubeconfig());
  const names = Array.from({ length: clusters }, (_, index) => `m${index + 1}`);
  const fleet = cleanup.use(
    await progress.step(`${clusters} member clusters (${options.members})`, (note) =>
      startMembers(options.members, { names, dir: join(dir, 'members'), logger, note }),
    ),
  );
  await progress.step('agents join: token, certificate request, acceptance', async (note) => {
    const agents = await startAgents(hub, fleet.members, { dir, logger });
    cleanup.defer(async () => {
      await Promise.all(agents.map((agent) => agent.stop()));
    });
    await until(() => joinedProblem(hub.adminClient, clusters, note), patienceMs(clusters), signal);
  });
  await progress.step('binding, placement, work set', async () => {
    await createOnce(hub.adminClient, ClusterSetBinding, binding);
    await createOnce(hub.adminClient, Placement, placement);
    await createOnce(hub.adminClient, WorkSet, workSet);
  });
  await progress.step('applied and available on the chosen clusters', (note) =>
    until(() => availableProblem(hub.adminClient, note), patienceMs(clusters), signal),
  );
  await printResult(hub, fleet, progress, { dir, kubeconfig, totalMs: performance.now() - started });
  const owned = cleanup.move();
  return { hub, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function logFile(dir: string, fresh: boolean) {
  const { open } = await import('node:fs/promises');
  if (fresh) await forget(dir);
  const file = join(dir, 'log.jsonl');
  const makeFile = async () => {
    makeDirectory(dir, 0o700);
    return await open(file, 'a', 0o600);
  };
  const handle = await makeFile().catch((cause: unknown) => {
    throw new Error('the demo keeps its data below this directory: start it in one that you can write to', { cause });
  });
  const stream = handle.createWriteStream();
  return { write: (line: string) => void stream.write(line) };
}

/** The embedded database may lie elsewhere (see the hub): it is told to forget first. */
async function forget(dir: string): Promise<void> {
  const { removeEmbeddedDatabase } = await import('@quarterdeck/hub');
  await removeEmbeddedDatabase(join(dir, 'hub'));
  await rm(dir, { recursive: true, force: true });
}

/** At most so many agents make their first steps at once: joining is signatures, and those are CPU time. */
const startAtOnce = 32;

async function startAgents(
  hub: Hub,
  members: readonly DemoMember[],
  { dir, logger }: { dir: string; logger: ReturnType<typeof createLogger> },
): Promise<Agent[]> {
  const { fileStateStore, startAgent } = await import('@quarterdeck/agent');
  const metrics = createMetrics();
  const chosen = new Set([members[0]?.name, members.at(-1)?.name]);
  const agents: Agent[] = [];
  for (let first = 0; first < members.length; first += startAtOnce) {
    const batch = members.slice(first, first + startAtOnce).map((member) => {
      // A token is made when the agent asks for one: an agent that resumes with its certificate needs none.
      const token = () =>
        createJoinToken(hub.adminClient, {
          clusterPattern: member.name,
          clusterSet: 'default',
          labels: chosen.has(member.name) ? goldLabel : {},
          acceptance: 'Accepted',
          reusable: false,
          ttlMs: 3_600_000,
        });
      return startAgent({
        clusterName: member.name,
        hubUrl: hub.url,
        trust: { caHash: hub.caHash },
        token: once(token),
        memberClient: member.client,
        store: fileStateStore(join(dir, 'agents', member.name)),
        logger,
        metrics,
      });
    });
    agents.push(...batch);
    await Promise.all(batch.map((agent) => agent.ready));
  }
  return agents;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function createOnce<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  try {
    await client.create(type, object, { fieldManager: 'quarterdeck-demo' });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Asks again until nothing is missing; past its patience it says what is. */
async function until(problem: () => Promise<string | undefined>, patience: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const missing = await problem();
    if (missing === undefined) return;
    if (performance.now() > deadline) throw new Error(`the demo did not get there: ${missing}`);
    await systemClock.sleep(100, signal);
  }
}

async function joinedProblem(
  client: Client,
  clusters: number,
  note: (text: string) => void,
): Promise<string | undefined> {
  const { items } = await client.list(MemberCluster);
  const available = items.filter(({ status }) =>
    isConditionTrue(status?.conditions, conditionType.MemberCluster.Available),
  );
  note(`${available.length} of ${clusters}`);
  if (available.length >= clusters) return undefined;
  const waiting = items.find((item) => !available.includes(item));
  const why =
    waiting === undefined
      ? 'the others have not asked to join'
      : `${waiting.metadata.name}: ${explain(waiting.status?.conditions)}`;
  return `${available.length} of ${clusters} members are available; ${why}`;
}

async function availableProblem(client: Client, note: (text: string) => void): Promise<string | undefined> {
  const found = await ignoreNotFound(client.get(WorkSet, { namespace: demoNamespace, name: demoWorkSet }));
  const { desired = 0, available = 0 } = found?.status?.clusters ?? {};
  note(`${available} of ${desired}`);
  const generation = found?.metadata.generation ?? 0;
  const settled = isConditionTrue(found?.status?.conditions, conditionType.WorkSet.Available, generation);
  return settled && desired > 0
    ? undefined
    : `WorkSet ${demoWorkSet}: ${available} of ${desired} clusters available; ${explain(found?.status?.conditions)}`;
}

const explain = (conditions: readonly Condition[] | undefined): string =>
  (conditions ?? [])
    .filter(({ status, type }) => status !== 'True' && type !== 'Progressing' && type !== 'Degraded')
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`.trim())
    .join('; ');

interface Printed {
  readonly dir: string;
  readonly kubeconfig: string;
  readonly totalMs: number;
}

/** How many clusters the table lists; the rest are counted. */
const maxRows = 12;

async function printResult(
  hub: Hub,
  fleet: DemoMembers,
  progress: Progress,
  { dir, kubeconfig, totalMs }: Printed,
): Promise<void> {
  const { explainPlacement } = await import('@quarterdeck/hub');
  const { clusters, message } = await explainPlacement(
    hub.adminClient,
    { namespace: demoNamespace, name: demoPlacement },
    systemClock,
  );
  const works = await worksByCluster(hub.adminClient);
  const recorded = await recordedReasons(hub.adminClient);
  const rows = clusters
    .toSorted((a, b) => Number(b.outcome === 'Selected') - Number(a.outcome === 'Selected'))
    .map((verdict) => {
      const name = verdict.clusterName;
      const { applied = '-', available = '-' } = works.get(name) ?? {};
      return [
        name,
        verdict.outcome === 'Selected' ? 'yes' : 'no',
        applied,
        available,
        whyOf(verdict, recorded.get(name)),
      ];
    });
  const out = (text: string) => process.stdout.write(text);
  out(`\n${table([['CLUSTER', 'CHOSEN', 'APPLIED', 'AVAILABLE', 'WHY'], ...rows.slice(0, maxRows)])}`);
  if (rows.length > maxRows) out(`... and ${rows.length - maxRows} more\n`);
  out(`\nPlacement ${demoPlacement}: ${message}. Members are ${fleet.nature}.\n\n`);
  out(
    table([
      ['STEP', 'TIME'],
      ...progress.times.map(({ title, ms }) => [title, `${(ms / 1000).toFixed(1)} s`]),
      ['ready after', `${(totalMs / 1000).toFixed(1)} s`],
    ]),
  );
  if (hub.databaseRunsAs !== undefined) {
    out(
      `\nThe database lies in ${hub.databaseLocation}: PostgreSQL refuses to run as root, so it runs as ${hub.databaseRunsAs}.\n`,
    );
  }
  out(`\nTry, from another shell (logs: ${join(dir, 'log.jsonl')}):\n\n`);
  out(`  export KUBECONFIG=${resolve(kubeconfig)}\n`);
  out('  kubectl get memberclusters,clustersets && kubectl get placements,placementdecisions,worksets,works -A\n');
  out('  kubectl label membercluster m2 tier=gold      # its Work follows within a second: kubectl get works -A -w\n');
  out('  kubectl explain placement.spec\n\n');
}

/** What its decision says of each chosen cluster. */
async function recordedReasons(client: Client): Promise<Map<string, string | undefined>> {
  const { PlacementDecision, label } = await import('@quarterdeck/apis');
  const { items } = await client.list(PlacementDecision, {
    namespace: demoNamespace,
    labelSelector: `${label.placement}=${demoPlacement}`,
  });
  return new Map(
    items.flatMap(({ decisions }) =>
      decisions.map(({ clusterProfileRef, reason }) => [clusterProfileRef.name, reason]),
    ),
  );
}

async function worksByCluster(client: Client): Promise<Map<string, { applied: string; available: string }>> {
  const { Work, label } = await import('@quarterdeck/apis');
  const { items } = await client.list(Work, { labelSelector: `${label.workSet}=${demoWorkSet}` });
  return new Map(
    items.map(({ metadata, status }) => [
      metadata.labels?.[label.memberCluster] ?? '',
      {
        applied: findCondition(status?.conditions, conditionType.Work.Applied)?.status ?? 'Unknown',
        available: findCondition(status?.conditions, conditionType.Work.Available)?.status ?? 'Unknown',
      },
    ]),
  );
}
