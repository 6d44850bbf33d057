import { Agent, request } from 'node:https';
import type { Client } from '@quarterdeck/machinery';

/** One kind of object that the hub serves, as discovery tells. */
interface Served {
  /** `works.multicluster.x-k8s.io/status` */
  readonly title: string;
  /** `/apis/multicluster.x-k8s.io/v1alpha1` */
  readonly root: string;
  readonly plural: string;
  /** Empty for the kind itself. */
  readonly subresource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** A certificate with its key, or a token. */
export type Credential = { readonly url: string; readonly ca: string } & (
  | { readonly cert: string; readonly key: string }
  | { readonly token: string; readonly account: string }
);

/** Stands in tables for the name of an agent's service account, which no two fleets have in common. */
const anyAccount = 'quarterdeck-agent-HASH';

/** Where an agent of m1 is tried: with the names that something of its own has, and one that stands for all others. */
const names = [
  'm1',
  'm2',
  'quarterdeck-agent',
  'quarterdeck-agent-standby',
  anyAccount,
  'kube-root-ca.crt',
  'anything',
] as const;
const namespaces = ['member-m1', 'member-m2', 'kube-system', 'quarterdeck-system', 'default'] as const;
const unnamed = new Set(['list', 'watch', 'create', 'deletecollection']);

/** What was let through: everything but 401 and 403. */
interface Allowed {
  readonly title: string;
  readonly place: string;
  readonly verb: string;
  /** Undefined for requests that name no object. */
  readonly name: string | undefined;
}

/** Every route that discovery shows, for someone who may see it all. */
async function everythingServed(admin: Client): Promise<Served[]> {
  const { groups } = (await admin.getRaw('/apis')) as unknown as {
    groups: { name: string; versions: { groupVersion: string }[] }[];
  };
  const roots = ['/api/v1', ...groups.flatMap(({ versions }) => versions.map((each) => `/apis/${each.groupVersion}`))];
  const served = await Promise.all(
    roots.map(async (root) => {
      const { resources } = (await admin.getRaw(root)) as unknown as {
        resources: { name: string; namespaced: boolean; verbs: string[] }[];
      };
      const group = root === '/api/v1' ? '' : `.${root.split('/')[2]}`;
      return resources.map(({ name, namespaced, verbs }): Served => {
        const [plural = '', subresource = ''] = name.split('/');
        const title = `${plural}${group}${subresource === '' ? '' : `/${subresource}`}`;
        return { title, root, plural, subresource, namespaced, verbs };
      });
    }),
  );
  return served.flat();
}

/** Paths that are no objects. */
const otherPaths = [
  '/metrics',
  '/healthz',
  '/readyz',
  '/livez',
  '/version',
  '/openapi/v2',
  '/openapi/v3',
  '/api',
  '/apis',
];
const otherPlaces = ['/', '/debug/pprof', '/logs', '/.well-known/openid-configuration', '/openid/v1/jwks', '/configz'];

interface Trial extends Allowed {
  readonly method: string;
  readonly path: string;
}

function trialsOf(served: Served, account: string): Trial[] {
  const places = served.namespaced ? ['', ...namespaces] : [''];
  return served.verbs.flatMap((verb) =>
    places.flatMap((place) => {
      const isNamed = served.subresource !== '' || !unnamed.has(verb);
      // Across all namespaces there are only lists.
      if (served.namespaced && place === '' && (isNamed || verb === 'create')) return [];
      const base = `${served.root}${place === '' ? '' : `/namespaces/${place}`}/${served.plural}`;
      const where = !served.namespaced ? 'no namespace' : place === '' ? 'all namespaces' : place;
      const trial = (name?: string): Trial => {
        const own = name === anyAccount ? account : name;
        const object = own === undefined ? base : `${base}/${own}${served.subresource && `/${served.subresource}`}`;
        return { title: served.title, place: where, verb, name, ...requestFor(verb, object) };
      };
      return isNamed ? names.map(trial) : [trial()];
    }),
  );
}

/** A request that is authorised like any other and changes nothing: it has no body, or is a dry run. */
function requestFor(verb: string, path: string): { readonly method: string; readonly path: string } {
  switch (verb) {
    case 'get':
    case 'list':
      return { method: 'GET', path: verb === 'list' ? `${path}?limit=1` : path };
    case 'watch':
      return { method: 'GET', path: `${path}?watch=true&timeoutSeconds=1` };
    case 'create':
      return { method: 'POST', path: `${path}?dryRun=All` };
    case 'update':
      return { method: 'PUT', path: `${path}?dryRun=All` };
    case 'patch':
      return { method: 'PATCH', path: `${path}?dryRun=All` };
    case 'delete':
    case 'deletecollection':
      return { method: 'DELETE', path: `${path}?dryRun=All` };
    default:
      throw new Error(`no request is known for the verb ${verb}`);
  }
}

/** A kept connection may end just when it is used again; what is sent changes nothing, so it is sent again. */
async function statusOf(credential: Credential, agent: Agent, trial: Pick<Trial, 'method' | 'path'>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(credential, agent, trial);
    } catch (error) {
      if (attempt === 3) throw new Error(`${trial.method} ${trial.path} was not answered`, { cause: error });
    }
  }
}

/** The status of the answer; its body is not waited for. */
function askOnce({ url, ...proof }: Credential, agent: Agent, { method, path }: Pick<Trial, 'method' | 'path'>) {
  return new Promise<number>((resolve, reject) => {
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      accept: 'application/json',
      ...('token' in proof ? { authorization: `Bearer ${proof.token}` } : {}),
    };
    const tls = 'token' in proof ? { ca: proof.ca } : proof;
    const sent = request(new URL(path, url), { method, headers, agent, ...tls }, (answer) => {
      answer.resume();
      answer.on('error', () => {});
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const isLetThrough = (status: number) => status !== 401 && status !== 403;

/**
 * Tries a credential on every route and verb of a hub.
 * @returns a table for docs: what is let through; which kinds and subresources were tried, and how many requests were sent
 */
export async function tryEverything(admin: Client, credential: Credential) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const served = await everythingServed(admin);
  const trials = served
    .flatMap((each) => trialsOf(each, 'token' in credential ? credential.account : anyAccount))
    .values();
  const allowed: Allowed[] = [];
  let sent = 0;
  const lane = async () => {
    for (const trial of trials) {
      sent++;
      if (isLetThrough(await statusOf(credential, agent, trial))) allowed.push(trial);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const paths = await Promise.all(
    [...otherPaths, ...otherPlaces].map(async (path) => {
      const status = await statusOf(credential, agent, { method: 'GET', path });
      return isLetThrough(status) && status !== 404 ? [path] : [];
    }),
  );
  agent.destroy();
  const tried = new Set(served.map(({ title }) => title));
  return { sent, tried, table: tableOf(allowed), paths: paths.flat().sort() };
}

function tableOf(allowed: readonly Allowed[]): string[] {
  const byTarget = new Map<string, Map<string, Set<string>>>();
  for (const { title, place, verb, name } of allowed) {
    const target = `${title} | ${place}`;
    const verbs = byTarget.get(target) ?? new Map<string, Set<string>>();
    byTarget.set(target, verbs.set(verb, (verbs.get(verb) ?? new Set()).add(name ?? '')));
  }
  const rows = [...byTarget].flatMap(([target, verbs]) => {
    const byNames = new Map<string, string[]>();
    for (const [verb, of] of verbs) {
      const which = of.has('') ? '' : of.has('anything') ? 'any' : [...of].sort().join(', ');
      byNames.set(which, [...(byNames.get(which) ?? []), verb]);
    }
    return [...byNames].map(([which, list]) => `| ${target} | ${which} | ${list.sort().join(', ')} |`);
  });
  return rows.sort();
}
