import { join } from 'node:path';
import { CustomResourceDefinition, crdOf, isNotFound, Work } from '@quarterdeck/apis';
import { KubeUnavailableError } from '@quarterdeck/e2e/kube';
import { createHttpClient, loadKubeconfig } from '@quarterdeck/machinery';
import type { Target } from '../load/closed-loop.ts';
import { type Loadgen, startLoadgen } from '../load/loadgen.ts';
import type { BenchContext } from '../report/result.ts';
import { startHub } from './hub.ts';
import { startKube } from './kube.ts';
import { type Pinning, pinServers } from './pinning.ts';
import { targetOf } from './target.ts';
import { until } from './until.ts';
import { admitUser, certificateFromApi, certificateFromCa } from './user.ts';

/** A server with the Work kind and a user who is no administrator, and load for it. */
export interface Subject extends AsyncDisposable {
  readonly name: 'quarterdeck' | 'kube-apiserver';
  readonly target: Target;
  /** Roots of its processes, with its database. */
  readonly pids: readonly number[];
  readonly load: Loadgen;
}

/** A hub and kube-apiserver, each idle while the other one is loaded. */
export interface Subjects extends AsyncDisposable {
  /** The hub first; alone where kube-apiserver cannot be had. */
  readonly all: readonly Subject[];
  /** What could not be started, and why. */
  readonly left: readonly string[];
  readonly pinning: Pinning;
}

/** @throws KubeUnavailableError when the load generator is neither there nor can be built */
export async function startSubjects(context: BenchContext, namespaces: readonly string[]): Promise<Subjects> {
  await using cleanup = new AsyncDisposableStack();
  const pinning = await pinServers();
  context.say(pinning.words);
  const start = { ...context, namespaces, prefix: pinning.load };
  const all: Subject[] = [cleanup.use(await hubSubject(start))];
  const left: string[] = [];
  try {
    all.push(cleanup.use(await kubeSubject(start)));
  } catch (error) {
    if (!(error instanceof KubeUnavailableError)) throw error;
    left.push(`kube-apiserver with etcd: ${error.message}`);
  }
  const owned = cleanup.move();
  return { all, left, pinning, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface SubjectOptions {
  readonly dir: string;
  readonly say: (line: string) => void;
  readonly namespaces: readonly string[];
  readonly prefix: readonly string[];
}

async function hubSubject({ dir, say, namespaces, prefix }: SubjectOptions): Promise<Subject> {
  await using cleanup = new AsyncDisposableStack();
  const hub = cleanup.use(await startHub({ dataDir: join(dir, 'hub') }));
  say(`hub ready after ${(hub.readyMs / 1000).toFixed(1)} s`);
  const connection = await loadKubeconfig({ path: hub.kubeconfig });
  await using admin = createHttpClient(connection);
  await admitUser(admin, namespaces);
  const certificate = await certificateFromApi(admin, dir);
  const { url, tls } = targetOf(connection);
  const target = { url, tls: { ...tls, ...certificate } };
  const load = cleanup.use(await startLoadgen({ target, prefix, say }));
  const owned = cleanup.move();
  return { name: 'quarterdeck', target, pids: [hub.pid], load, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @throws KubeUnavailableError */
async function kubeSubject({ dir, say, namespaces, prefix }: SubjectOptions): Promise<Subject> {
  await using cleanup = new AsyncDisposableStack();
  const kube = cleanup.use(await startKube(join(dir, 'kube'), say));
  const connection = await loadKubeconfig({ path: kube.kubeconfig });
  await using admin = createHttpClient(connection);
  await admin.create(CustomResourceDefinition, crdOf(Work));
  await until('the Work kind to be served', async () => {
    const found = await admin.list(Work).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    return found === undefined ? undefined : true;
  });
  await admitUser(admin, namespaces);
  const certificate = await certificateFromCa(kube.clientCa, dir);
  const { url, tls } = targetOf(connection);
  const target = { url, tls: { ...tls, ...certificate } };
  const load = cleanup.use(await startLoadgen({ target, prefix, say }));
  const owned = cleanup.move();
  return { name: 'kube-apiserver', target, pids: kube.pids, load, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
