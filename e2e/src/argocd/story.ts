import { deepEqual } from 'node:assert/strict';
import { eventually } from '@quarterdeck/machinery/testing';
import type { Fleet } from '../harness/fleet.ts';
import { conditionsOf, decisionOf } from '../harness/fleet-reads.ts';
import { configMap, deployment, documents } from '../harness/objects.ts';
import { home } from './fleet.ts';
import type { AppRepository } from './setup.ts';

/** A program that can be away for a while. */
export interface Generator {
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** One thing that must be so, and how it is brought about. */
export interface Step {
  readonly claim: string;
  readonly hold: () => Promise<void>;
}

/** An Application as far as it is compared. */
interface Application {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly destination: { readonly name: string } };
  readonly status?: { readonly sync?: { readonly status: string }; readonly health?: { readonly status: string } };
}

/** Name and content of each ConfigMap of the app. */
type Shop = Readonly<Record<string, string>>;

/** An object on a member, as far as it is compared. */
interface Live {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: { readonly open?: string };
}

const patience = { timeoutMs: 240_000 };

export interface StoryOptions {
  readonly fleet: Fleet;
  readonly generator: Generator;
  /** Nothing is in it yet. */
  readonly repository: AppRepository;
  /** The ApplicationSet `shop`, with what it rests on, as YAML. */
  readonly applicationSet: string;
}

/** What must be so, in this order: each step goes on where the one before it stopped. */
export function story({ fleet, generator, repository, applicationSet }: StoryOptions): readonly Step[] {
  const { kubectl: hub, member } = fleet;
  const placement = (spec: object) =>
    hub.ok('apply -f -', {
      input: documents({
        apiVersion: 'quarterdeck.dev/v1alpha1',
        kind: 'Placement',
        metadata: { name: 'apps', namespace: 'default' },
        spec,
      }),
    });
  const chosen = async (...names: readonly string[]) => {
    await placement({ clusterNames: names });
    await eventually(async () => deepEqual((await decisionOf(hub, 'apps')).toSorted(), names) ?? true, patience);
  };
  const applications = async () =>
    (await hub.json<{ items: readonly Application[] }>(`get applications.argoproj.io -n ${home}`)).items;
  /** Asks Argo CD to look into Git now, as a webhook of the repository would; by itself it looks every two minutes or so. */
  const refresh = (...names: readonly string[]) =>
    hub.ok([
      ...['annotate', '--overwrite', '-n', home, ...names.map((name) => `applications.argoproj.io/${name}`)],
      'argocd.argoproj.io/refresh=normal',
    ]);
  const uidOf = async (name: string) => (await hub.uids([`applications.argoproj.io/${name}`], home))[0];
  /** Applications of these clusters and of no other, each delivered whole. */
  const delivered = (...names: readonly string[]) =>
    eventually(
      async () => {
        const seen = (await applications()).map(({ metadata, spec, status }) => ({
          name: metadata.name,
          destination: spec.destination.name,
          sync: status?.sync?.status,
          health: status?.health?.status,
        }));
        const want = names.map((name) => ({
          name: `shop-${name}`,
          destination: name,
          sync: 'Synced',
          health: 'Healthy',
        }));
        deepEqual(seen, want);
        for (const name of ['m1', 'm2'])
          deepEqual(await shopOn(name), names.includes(name) ? shop : {}, `the shop on ${name}`);
        return true;
      },
      { ...patience, message: `Applications of ${names.join(' and ') || 'no cluster'}` },
    );
  /** What the repository has. */
  let shop: Shop = {};
  const commit = async (next: Shop) => {
    const settings = Object.entries(next).map(([name, open]) => configMap(`shop/${name}`, { open }));
    await repository.commit(deployment('shop/web', 1), ...settings);
    shop = next;
  };
  /** What of it is on a member; nothing without the Deployment. */
  const shopOn = async (name: string): Promise<Shop> => {
    const { items } = await member(name).kubectl.json<{ items: readonly Live[] }>('get deployment,configmap -n shop');
    const maps = items.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name !== 'kube-root-ca.crt');
    const web = items.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'web');
    deepEqual(web, maps.length > 0, `the Deployment and the settings on ${name} are there together`);
    return Object.fromEntries(maps.map(({ metadata, data }) => [metadata.name, data?.open ?? '']));
  };
  let kept: string | undefined;

  return [
    {
      claim: 'one chosen cluster: one Application, delivered through the tunnel to a member that nobody dials',
      async hold() {
        await commit({ settings: 'always' });
        await chosen('m1');
        await hub.ok('apply -f -', { input: applicationSet });
        await delivered('m1');
      },
    },
    {
      claim: 'what is removed by hand on the member comes back: Argo CD watches it through the tunnel',
      async hold() {
        await member('m1').kubectl.ok('delete configmap settings -n shop');
        await delivered('m1');
      },
    },
    {
      claim: 'a second cluster is chosen: a second Application, reached by token-request; the first is the same object',
      async hold() {
        const first = await uidOf('shop-m1');
        await chosen('m1', 'm2');
        await delivered('m1', 'm2');
        deepEqual(await uidOf('shop-m1'), first);
        kept = await uidOf('shop-m2');
      },
    },
    {
      claim: 'a commit arrives on both: what it changes, what it adds and what it takes away',
      async hold() {
        await commit({ settings: 'never', hours: 'few' });
        await refresh('shop-m1', 'shop-m2');
        await delivered('m1', 'm2');
        await commit({ hours: 'many' });
        await refresh('shop-m1', 'shop-m2');
        await delivered('m1', 'm2');
      },
    },
    {
      claim: 'the first cluster is chosen no more: its Application goes with all that it delivered; the second stays',
      async hold() {
        await chosen('m2');
        await delivered('m2');
        deepEqual(await uidOf('shop-m2'), kept);
      },
    },
    {
      claim: 'while the generator is away, the ApplicationSet says so and every Application stays',
      async hold() {
        await generator.stop();
        await chosen('m1');
        const condition = await eventually(async () => {
          const { ErrorOccurred } = await conditionsOf(hub, 'applicationset.argoproj.io/shop', home);
          return ErrorOccurred?.status === 'True' && ErrorOccurred;
        }, patience);
        deepEqual(condition.reason, 'ApplicationGenerationFromParamsError');
        await delivered('m2');
        deepEqual(await uidOf('shop-m2'), kept);
      },
    },
    {
      claim: 'when it is back and asked again, what was decided meanwhile is done',
      async hold() {
        await generator.start();
        await hub.ok(
          `annotate applicationset.argoproj.io/shop -n ${home} argocd.argoproj.io/application-set-refresh=true`,
        );
        await delivered('m1');
      },
    },
    {
      claim: 'a Placement that does not exist is an error, and no empty list: every Application stays',
      async hold() {
        const before = await uidOf('shop-m1');
        await ask(hub, 'another');
        await eventually(async () => {
          const { ErrorOccurred } = await conditionsOf(hub, 'applicationset.argoproj.io/shop', home);
          return ErrorOccurred?.status === 'True' && ErrorOccurred.message.includes('404');
        }, patience);
        await delivered('m1');
        deepEqual(await uidOf('shop-m1'), before);
        await ask(hub, 'apps');
      },
    },
    {
      claim: 'a decided nowhere is an answer: no Application is left, and nothing of the app on any member',
      async hold() {
        await placement({ clusterSelectorTerms: [{ labelSelector: { matchLabels: { no: 'member' } } }] });
        await delivered();
      },
    },
    {
      claim:
        'the generator clusterDecisionResource reads no PlacementDecision: one cluster is chosen, and it makes nothing',
      async hold() {
        await hub.ok('apply -f -', { input: documents(...byResource) });
        await eventually(async () => {
          const read = `get placementdecisions -n ${home} -o jsonpath={.items[*].decisions[*].clusterProfileRef.name}`;
          const { ResourcesUpToDate } = await conditionsOf(hub, 'applicationset.argoproj.io/by-resource', home);
          return ResourcesUpToDate?.status === 'True' && (await hub.ok(read)) === 'm1';
        }, patience);
        deepEqual(await applications(), []);
      },
    },
  ];
}

/** An ApplicationSet that looks for its clusters in a PlacementDecision itself, with all that it needs for that. */
const byResource = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'decisions', namespace: home },
    rules: [
      { apiGroups: ['multicluster.x-k8s.io'], resources: ['placementdecisions'], verbs: ['get', 'list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'decisions', namespace: home },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'decisions' },
    subjects: [{ kind: 'ServiceAccount', name: 'argocd-applicationset-controller', namespace: home }],
  },
  {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'Placement',
    metadata: { name: 'by-resource', namespace: home },
    spec: { clusterNames: ['m1'] },
  },
  configMap(`${home}/by-resource`, {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'placementdecisions',
    statusListKey: 'decisions',
    matchKey: 'name',
  }),
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'by-resource', namespace: home },
    spec: {
      goTemplate: true,
      generators: [
        {
          clusterDecisionResource: {
            configMapRef: 'by-resource',
            labelSelector: { matchLabels: { 'quarterdeck.dev/placement': 'by-resource' } },
            requeueAfterSeconds: 2,
          },
        },
      ],
      template: {
        metadata: { name: 'by-resource-{{.name}}' },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.example.com/shop.git', path: 'deploy', targetRevision: 'main' },
          destination: { name: '{{.name}}', namespace: 'shop' },
        },
      },
    },
  },
];

/** Which Placement the ApplicationSet names. */
async function ask(hub: Fleet['kubectl'], name: string): Promise<void> {
  const patch = [{ op: 'replace', path: '/spec/generators/0/plugin/input/parameters/placement', value: name }];
  await hub.ok(['patch', 'applicationset.argoproj.io/shop', '-n', home, '--type=json', '-p', JSON.stringify(patch)]);
}
