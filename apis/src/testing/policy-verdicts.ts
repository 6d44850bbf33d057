import { Namespace } from '../builtin/core.ts';
import { annotation, policyAnnotation } from '../constants/annotations.ts';
import { finalizer } from '../constants/finalizers.ts';
import { membersGroup, memberUserName } from '../constants/identity.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';
import { Work } from '../multicluster.x-k8s.io/v1alpha1/work.ts';
import { acceptanceRules } from '../policies/acceptance-rules.ts';
import { clusterSetBind } from '../policies/cluster-set-bind.ts';
import { defaultExecutor } from '../policies/default-executor.ts';
import { executeAs } from '../policies/execute-as.ts';
import { manifestAnnotations } from '../policies/manifest-annotations.ts';
import { memberClusterRights } from '../policies/member-cluster-rights.ts';
import { memberNamespaces } from '../policies/member-namespaces.ts';
import { memberWrites } from '../policies/member-writes.ts';
import type { Policy, Refusal, Right } from '../policies/policy.ts';
import { secretData } from '../policies/secret-data.ts';
import { AcceptanceRule } from '../quarterdeck.dev/v1alpha1/acceptance-rule.ts';
import { ClusterSetBinding } from '../quarterdeck.dev/v1alpha1/cluster-set-binding.ts';
import { MemberCluster } from '../quarterdeck.dev/v1alpha1/member-cluster.ts';
import { WorkSet } from '../quarterdeck.dev/v1alpha1/work-set.ts';
import { configMapManifest, objectOf } from './objects.ts';

type TableObject = KubeObject & Record<string, unknown>;

/**
 * One write by a user who may create and update the kind, holds `rights` and nothing else, and what the policy says:
 * our server and a real kube-apiserver alike. Objects are complete, so that defaults play no part.
 */
export interface PolicyVerdict {
  readonly name: string;
  readonly policy: Policy;
  readonly kind: ResourceType;
  readonly object: TableObject;
  /** Written before by an administrator, with status; absent: the write is a create. */
  readonly old?: TableObject;
  readonly subresource?: 'status';
  /** The write is the deletion of `old`; `object` is the same again. */
  readonly deletes?: true;
  /** Default none: some user without groups. */
  readonly groups?: readonly string[];
  readonly rights?: readonly Right[];
  /** Absent: allowed. */
  readonly refused?: Refusal;
}

const invalid = (message: string): Refusal => ({ reason: 'Invalid', message });
const forbidden = (message: string): Refusal => ({ reason: 'Forbidden', message });
const right = (verb: string, resource: string, name: string): Right => ({
  verb,
  group: 'quarterdeck.dev',
  resource,
  name,
});

const workWith = (name: string, manifests: unknown[], metadata: Record<string, unknown> = {}) =>
  objectOf(Work, name, { metadata: { name, ...metadata }, spec: { workload: { manifests } } });
const workSetWith = (name: string, manifests: unknown[], executeAs?: string) =>
  objectOf(WorkSet, name, {
    spec: {
      placementRef: { name: 'p' },
      workload: { manifests },
      deletionPolicy: 'Delete',
      ...(executeAs === undefined ? {} : { executeAs }),
    },
  });
/** Of a kind that does not exist. */
const manyManifests = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'a.test/v1',
    kind: 'Nothing',
    metadata: { name: `n${index}` },
  }));
const bad = configMapManifest('bad', { [policyAnnotation.deletionPolicy]: 'Keep' });
const badMessage =
  'spec.workload.manifests[1].metadata.annotations[quarterdeck.dev/deletion-policy]: unsupported value "Keep"; supported: Delete, Orphan';

const annotations: PolicyVerdict[] = [
  {
    name: 'DL-32 values that are built are accepted',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith(
      'built',
      [
        configMapManifest('a', { [policyAnnotation.deletionPolicy]: 'Orphan', other: 'x' }),
        configMapManifest('b', { [policyAnnotation.applyStrategy]: 'ServerSideApply' }),
        { apiVersion: 'v1', kind: 'Nameless' },
      ],
      { annotations: { [policyAnnotation.deletionPolicy]: 'Delete' } },
    ),
  },
  {
    name: 'DL-10 a value that does not exist is refused with its path',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('value', [configMapManifest('good'), bad]),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-2 a strategy that does not exist is refused',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('strategy', [configMapManifest('a', { [policyAnnotation.applyStrategy]: 'Replace' })]),
    refused: invalid(
      'spec.workload.manifests[0].metadata.annotations[quarterdeck.dev/apply-strategy]: unsupported value "Replace"; supported: ServerSideApply, CreateOnly, ReadOnly, Recreate, ReportOnly',
    ),
  },
  {
    name: 'DL-1 a wave that is no integer is refused, on the work too',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('wave', [], { annotations: { [policyAnnotation.applyWave]: '1.5' } }),
    refused: invalid(
      'metadata.annotations[quarterdeck.dev/apply-wave]: unsupported value "1.5"; supported: an integer of at most six digits',
    ),
  },
  {
    name: 'DL-3 a list of fields to ignore is accepted',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('ignore', [
      configMapManifest('a', {
        [policyAnnotation.ignoreFields]:
          'spec.replicas; spec.template.spec.containers[name="app"].image:AtCreation;\n metadata.annotations["a.b/c"]:OnChange',
        [policyAnnotation.feedbackFields]: 'address=.status.loadBalancer.ingress[0].ip; ready=.status.ready',
        [policyAnnotation.applyWave]: '-5',
        [policyAnnotation.healthDeadline]: '600',
      }),
    ]),
  },
  {
    name: 'DL-3 a mode of ignoring that does not exist is refused',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('mode', [configMapManifest('a', { [policyAnnotation.ignoreFields]: 'spec.replicas:Once' })]),
    refused: invalid(
      'spec.workload.manifests[0].metadata.annotations[quarterdeck.dev/ignore-fields]: unsupported value "spec.replicas:Once"; supported: field paths between semicolons, each with :Never, :AtCreation or :OnChange after it or nothing',
    ),
  },
  {
    name: 'WK-1 a work without spec is accepted',
    policy: manifestAnnotations,
    kind: Work,
    object: objectOf(Work, 'specless'),
  },
  {
    name: 'DL-32 a changed manifest is judged',
    policy: manifestAnnotations,
    kind: Work,
    old: workWith('changed', [configMapManifest('a')]),
    object: workWith('changed', [configMapManifest('a'), bad]),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-10 a manifest of a work set is judged alike',
    policy: manifestAnnotations,
    kind: WorkSet,
    object: objectOf(WorkSet, 'set', {
      spec: {
        placementRef: { name: 'p' },
        workload: { manifests: [configMapManifest(), bad] },
        deletionPolicy: 'Delete',
      },
    }),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-10 a work set itself has fields, no annotations',
    policy: manifestAnnotations,
    kind: WorkSet,
    object: objectOf(WorkSet, 'own', {
      metadata: { name: 'own', annotations: { [policyAnnotation.deletionPolicy]: 'Orphan' } },
      spec: { placementRef: { name: 'p' }, workload: { manifests: [] }, deletionPolicy: 'Delete' },
    }),
    refused: invalid(
      'metadata.annotations: a WorkSet says its policy in spec; these annotations belong on its manifests',
    ),
  },
  {
    name: 'BI-23, WK-28 as many manifests as one Work can tell of are accepted',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('many', manyManifests(1_000)),
  },
  {
    name: 'BI-23, WK-28 more manifests than one Work can tell of are refused',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('too-many', manyManifests(10_000)),
    refused: invalid(
      'spec.workload.manifests: at most 1000 manifests, since what became of each stands in one object: make several Works',
    ),
  },
  {
    name: 'DL-31 a reference to a Secret is no default of all manifests',
    policy: manifestAnnotations,
    kind: Work,
    object: workWith('default-secret', [], { annotations: { [policyAnnotation.secretDataFrom]: 'db' } }),
    refused: invalid('metadata.annotations: quarterdeck.dev/secret-data-from belongs on manifests'),
  },
];

const executeAsMessage =
  'metadata.annotations[quarterdeck.dev/execute-as]: what is executed as another needs the verb execute-as on serviceaccounts "shop/deployer"';
const asDeployer = { annotations: { [policyAnnotation.executeAs]: 'shop/deployer' } };
const mayExecute: Right = { verb: 'execute-as', group: '', resource: 'serviceaccounts', name: 'shop/deployer' };

const executors: PolicyVerdict[] = [
  {
    name: 'DL-30 who may execute as the service account may name it',
    policy: executeAs,
    kind: Work,
    object: workWith('executor', [configMapManifest('a')], asDeployer),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 who may not is refused',
    policy: executeAs,
    kind: Work,
    object: workWith('executor-refused', [configMapManifest('a')], asDeployer),
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 the right is on the one service account',
    policy: executeAs,
    kind: Work,
    object: workWith('executor-other', [configMapManifest('a')], asDeployer),
    rights: [{ ...mayExecute, name: 'shop/other' }],
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 changing what another executes needs the right too',
    policy: executeAs,
    kind: Work,
    old: workWith('executor-content', [configMapManifest('a')], asDeployer),
    object: workWith('executor-content', [configMapManifest('b')], asDeployer),
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 labelling such a work does not',
    policy: executeAs,
    kind: Work,
    old: workWith('executor-labels', [configMapManifest('a')], asDeployer),
    object: workWith('executor-labels', [configMapManifest('a')], { ...asDeployer, labels: { a: 'b' } }),
  },
  {
    name: 'DL-30 a manifest cannot name an executor',
    policy: executeAs,
    kind: Work,
    object: workWith('executor-manifest', [configMapManifest('a', { [policyAnnotation.executeAs]: 'shop/deployer' })]),
    rights: [mayExecute],
    refused: invalid(
      'the annotations quarterdeck.dev/dry-run, quarterdeck.dev/execute-as, quarterdeck.dev/remove-after-completion, quarterdeck.dev/pause-repair belong on the Work, not on its manifests',
    ),
  },
  {
    name: 'DL-30 a WorkSet names an executor in its spec, by the same right',
    policy: executeAs,
    kind: WorkSet,
    object: workSetWith('executor', [configMapManifest('a')], 'shop/deployer'),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 the author of a WorkSet who may not is refused',
    policy: executeAs,
    kind: WorkSet,
    object: workSetWith('executor-refused', [configMapManifest('a')], 'shop/deployer'),
    refused: forbidden(
      'spec.executeAs: what is executed as another needs the verb execute-as on serviceaccounts "shop/deployer"',
    ),
  },
];

const defaultMessage =
  'metadata.annotations[quarterdeck.dev/default-executor]: it is set and taken away by those who may execute-as serviceaccounts "shop/deployer"';
const tenancy = (name: string, executor?: string) =>
  objectOf(Namespace, name, {
    metadata: {
      name: `default-executor-${name}`,
      ...(executor === undefined ? {} : { annotations: { [annotation.defaultExecutor]: executor } }),
    },
  });

const defaultExecutors: PolicyVerdict[] = [
  {
    name: 'DL-30 who may execute as the service account may make it the default of a namespace',
    policy: defaultExecutor,
    kind: Namespace,
    old: tenancy('set'),
    object: tenancy('set', 'shop/deployer'),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 who may not is refused, though he may write namespaces',
    policy: defaultExecutor,
    kind: Namespace,
    old: tenancy('refused'),
    object: tenancy('refused', 'shop/deployer'),
    refused: forbidden(defaultMessage),
  },
  {
    name: 'DL-30 nobody widens what a namespace may do by taking its default away',
    policy: defaultExecutor,
    kind: Namespace,
    old: tenancy('removed', 'shop/deployer'),
    object: tenancy('removed'),
    refused: forbidden(defaultMessage),
  },
  {
    name: 'DL-30 a default that is no service account is refused',
    policy: defaultExecutor,
    kind: Namespace,
    object: tenancy('odd', 'deployer'),
    rights: [{ ...mayExecute, name: 'deployer' }],
    refused: invalid(
      'metadata.annotations[quarterdeck.dev/default-executor]: supported: namespace/name of a service account of the member',
    ),
  },
];

const secretManifest = (name: string, annotations: Readonly<Record<string, string>> = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop', annotations },
  ...more,
});
const fromDb = { [policyAnnotation.secretDataFrom]: 'db' };
const mayGet: Right = { verb: 'get', group: '', resource: 'secrets', name: 'db' };
const getMessage =
  'annotation quarterdeck.dev/secret-data-from: referring to Secrets needs the verb get on each of them: db';

const secrets: PolicyVerdict[] = [
  {
    name: 'DL-31 data of a Secret stands in no Work',
    policy: secretData,
    kind: Work,
    object: workWith('secret-data', [configMapManifest('a'), secretManifest('s', {}, { data: { a: 'eA==' } })]),
    rights: [mayGet],
    refused: invalid(
      'spec.workload.manifests[1]: data of a Secret stands in no Work: keep it in a Secret in the namespace of the member on the hub, and name that with the annotation quarterdeck.dev/secret-data-from',
    ),
  },
  {
    name: 'DL-31, SEC-11 who may get the Secret may refer to it',
    policy: secretData,
    kind: Work,
    object: workWith('secret-get', [secretManifest('s', fromDb)]),
    rights: [mayGet],
  },
  {
    name: 'DL-31, SEC-11 who may not is refused',
    policy: secretData,
    kind: Work,
    object: workWith('secret-refused', [secretManifest('s', fromDb)]),
    refused: forbidden(getMessage),
  },
  {
    name: 'DL-31, SEC-13 moving the data of a Secret elsewhere on the member needs the right too',
    policy: secretData,
    kind: Work,
    old: workWith('secret-moved', [secretManifest('s', fromDb)]),
    object: workWith('secret-moved', [secretManifest('elsewhere', fromDb)]),
    refused: forbidden(getMessage),
  },
  {
    name: 'DL-31 only the manifest of a Secret gets data of one',
    policy: secretData,
    kind: Work,
    object: workWith('secret-kind', [configMapManifest('a', fromDb)]),
    rights: [mayGet],
    refused: invalid(
      'spec.workload.manifests[0]: the annotation quarterdeck.dev/secret-data-from belongs on manifests of Secrets',
    ),
  },
  {
    name: 'DL-31 the author of a WorkSet may get the name wherever it goes',
    policy: secretData,
    kind: WorkSet,
    object: workSetWith('secret-get', [secretManifest('s', fromDb)]),
    rights: [mayGet],
  },
  {
    name: 'DL-31 the author of a WorkSet who may not is refused',
    policy: secretData,
    kind: WorkSet,
    object: workSetWith('secret-refused', [secretManifest('s', fromDb)]),
    refused: forbidden(getMessage),
  },
];

const binding = (name: string, clusterSet: string) => objectOf(ClusterSetBinding, name, { spec: { clusterSet } });
const bindMessage = (clusterSet: string) =>
  `spec.clusterSet: binding needs the verb bind on clustersets.quarterdeck.dev "${clusterSet}"`;

const bindings: PolicyVerdict[] = [
  {
    name: 'PL-1 who may bind the set may create a binding',
    policy: clusterSetBind,
    kind: ClusterSetBinding,
    object: binding('mine', 'edge'),
    rights: [right('bind', 'clustersets', 'edge')],
  },
  {
    name: 'PL-1 who may bind another set may not',
    policy: clusterSetBind,
    kind: ClusterSetBinding,
    object: binding('theirs', 'edge'),
    rights: [right('bind', 'clustersets', 'core')],
    refused: forbidden(bindMessage('edge')),
  },
  {
    name: 'PL-1 moving a binding needs the right on the new set',
    policy: clusterSetBind,
    kind: ClusterSetBinding,
    old: binding('moved', 'edge'),
    object: binding('moved', 'core'),
    rights: [right('bind', 'clustersets', 'edge')],
    refused: forbidden(bindMessage('core')),
  },
  {
    name: 'PL-1 labelling a binding needs no right on the set',
    policy: clusterSetBind,
    kind: ClusterSetBinding,
    old: binding('labelled', 'edge'),
    object: objectOf(ClusterSetBinding, 'labelled', {
      metadata: { name: 'labelled', labels: { a: 'b' } },
      spec: { clusterSet: 'edge' },
    }),
  },
];

const member = (name: string, acceptance: string, clusterSet: string, fields: Record<string, unknown> = {}) =>
  objectOf(MemberCluster, name, { spec: { acceptance, clusterSet }, ...fields });
const acceptMessage = (name: string) =>
  `spec.acceptance: setting it needs the verb accept on memberclusters.quarterdeck.dev "${name}"`;
const joinMessage = (clusterSet: string) =>
  `spec.clusterSet: setting it needs the verb join on clustersets.quarterdeck.dev "${clusterSet}"`;

const members: PolicyVerdict[] = [
  {
    name: 'RG-3 a pending member needs only the right to join its set',
    policy: memberClusterRights,
    kind: MemberCluster,
    object: member('pending', 'Pending', 'edge'),
    rights: [right('join', 'clustersets', 'edge')],
  },
  {
    name: 'RG-3 creating a member in a set needs join on it',
    policy: memberClusterRights,
    kind: MemberCluster,
    object: member('setless', 'Pending', 'default'),
    refused: forbidden(joinMessage('default')),
  },
  {
    name: 'RG-3 creating an accepted member needs accept',
    policy: memberClusterRights,
    kind: MemberCluster,
    object: member('eager', 'Accepted', 'edge'),
    rights: [right('join', 'clustersets', 'edge')],
    refused: forbidden(acceptMessage('eager')),
  },
  {
    name: 'RG-3 accepting needs accept on this member',
    policy: memberClusterRights,
    kind: MemberCluster,
    old: member('other', 'Pending', 'edge'),
    object: member('other', 'Accepted', 'edge'),
    rights: [right('accept', 'memberclusters', 'another')],
    refused: forbidden(acceptMessage('other')),
  },
  {
    name: 'RG-3 who may accept a member may also deny it',
    policy: memberClusterRights,
    kind: MemberCluster,
    old: member('denied', 'Accepted', 'edge'),
    object: member('denied', 'Denied', 'edge'),
    rights: [right('accept', 'memberclusters', 'denied')],
  },
  {
    name: 'RG-3 moving a member needs join on the old set too',
    policy: memberClusterRights,
    kind: MemberCluster,
    old: member('leaving', 'Accepted', 'edge'),
    object: member('leaving', 'Accepted', 'core'),
    rights: [right('join', 'clustersets', 'core')],
    refused: forbidden(joinMessage('edge')),
  },
  {
    name: 'RG-3 who may join both sets may move a member',
    policy: memberClusterRights,
    kind: MemberCluster,
    old: member('moving', 'Accepted', 'edge'),
    object: member('moving', 'Accepted', 'core'),
    rights: [right('join', 'clustersets', 'core'), right('join', 'clustersets', 'edge')],
  },
  {
    name: 'RG-3 tainting a member needs neither',
    policy: memberClusterRights,
    kind: MemberCluster,
    old: member('tainted', 'Accepted', 'edge'),
    object: objectOf(MemberCluster, 'tainted', {
      spec: { acceptance: 'Accepted', clusterSet: 'edge', taints: [{ key: 'a', effect: 'NoSchedule' }] },
    }),
  },
];

const workMessage =
  'a member may change nothing of a Work but its status and the finalizer multicluster.x-k8s.io/work-cleanup';
const statusMessage =
  'a member may not change status.namespace, status.clusterUID, status.clusterId or the conditions Accepted, Joined, Available, HubLeaseCurrent, Leaving, InClusterSet, ClockInSync of its MemberCluster';
const agentGroups = [membersGroup];
const work = (name: string, metadata: Record<string, unknown> = {}, manifests: unknown[] = []) =>
  workWith(name, manifests, { labels: { a: 'b' }, ...metadata });
const condition = (type: string, status: string) => ({
  type,
  status,
  reason: 'Seen',
  message: '',
  lastTransitionTime: '2026-01-31T12:00:00Z',
});
const reported = (name: string, status: Record<string, unknown>) => member(name, 'Accepted', 'edge', { status });

const agents: PolicyVerdict[] = [
  {
    name: 'RG-20 a member puts its finalizer on a work',
    policy: memberWrites,
    kind: Work,
    groups: agentGroups,
    old: work('finalizer', { finalizers: ['example.com/other'] }),
    object: work('finalizer', { finalizers: ['example.com/other', finalizer.work] }),
  },
  {
    name: 'RG-20 a member takes no other finalizer off a work',
    policy: memberWrites,
    kind: Work,
    groups: agentGroups,
    old: work('other-finalizer', { finalizers: ['example.com/other', finalizer.work] }),
    object: work('other-finalizer', { finalizers: [finalizer.work] }),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20 a member changes no manifest',
    policy: memberWrites,
    kind: Work,
    groups: agentGroups,
    old: work('manifest'),
    object: work('manifest', {}, [configMapManifest()]),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20 a member labels no work',
    policy: memberWrites,
    kind: Work,
    groups: agentGroups,
    old: work('label'),
    object: work('label', { labels: { a: 'c' } }),
    refused: forbidden(workMessage),
  },
  {
    name: 'RG-20 someone who is no member changes a work',
    policy: memberWrites,
    kind: Work,
    old: work('user'),
    object: work('user', { labels: { a: 'c' } }, [configMapManifest()]),
  },
  {
    name: 'RG-20 a member reports version, nodes and the health of its control plane',
    policy: memberWrites,
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('healthy', { namespace: 'member-healthy', conditions: [condition('Accepted', 'True')] }),
    object: reported('healthy', {
      namespace: 'member-healthy',
      nodes: { total: 1, ready: 1 },
      conditions: [condition('ControlPlaneHealthy', 'True'), condition('Accepted', 'True')],
    }),
  },
  {
    name: 'RG-20 a member does not declare itself accepted',
    policy: memberWrites,
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('accepted', { conditions: [condition('Accepted', 'False')] }),
    object: reported('accepted', { conditions: [condition('Accepted', 'True')] }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-20 a member does not name its namespace',
    policy: memberWrites,
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('namespaced', {}),
    object: reported('namespaced', { namespace: 'kube-system' }),
    refused: forbidden(statusMessage),
  },
  {
    name: 'RG-4 a member does not change its recorded identity',
    policy: memberWrites,
    kind: MemberCluster,
    subresource: 'status',
    groups: agentGroups,
    old: reported('identity', { clusterUID: 'a' }),
    object: reported('identity', { clusterUID: 'b' }),
    refused: forbidden(statusMessage),
  },
];

const namespaceOf = (name: string, labels: Record<string, string> = {}) =>
  objectOf(Namespace, name, { metadata: { name, labels } });
const ofMember = { 'quarterdeck.dev/member-cluster': 'm1' };
const namespaceMessage =
  'the namespace belongs to MemberCluster "m1": delete that, and the hub deletes the namespace when the cluster has left';

const namespaces: PolicyVerdict[] = [
  {
    name: "RG-40 nobody but the hub deletes a member's namespace",
    policy: memberNamespaces,
    kind: Namespace,
    deletes: true,
    old: namespaceOf('member-m1-deleted', ofMember),
    object: namespaceOf('member-m1-deleted', ofMember),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-40 nor takes away the label by which it is known',
    policy: memberNamespaces,
    kind: Namespace,
    old: namespaceOf('member-m1-labelled', ofMember),
    object: namespaceOf('member-m1-labelled'),
    refused: forbidden(namespaceMessage),
  },
  {
    name: 'RG-40 other labels of it are free',
    policy: memberNamespaces,
    kind: Namespace,
    old: namespaceOf('member-m1-free', ofMember),
    object: namespaceOf('member-m1-free', { ...ofMember, team: 'a' }),
  },
  {
    name: 'RG-40 other namespaces are deleted by whoever may',
    policy: memberNamespaces,
    kind: Namespace,
    deletes: true,
    old: namespaceOf('apps-of-a'),
    object: namespaceOf('apps-of-a'),
  },
];

const acceptanceRule = (name: string, clusterSet: string, metadata: Record<string, unknown> = {}) =>
  objectOf(AcceptanceRule, name, {
    metadata: { name, ...metadata },
    spec: {
      requesters: [{ kind: 'User', name: 'provisioner' }],
      clusterNames: ['edge-*'],
      signerNames: ['kubernetes.io/kube-apiserver-client'],
      clusterSet,
      maxClusters: 1,
    },
  });
const acceptAll = right('accept', 'memberclusters', '*');
const joinEdge = right('join', 'clustersets', 'edge');
const ruleOf = { policy: acceptanceRules, kind: AcceptanceRule };

const rules: PolicyVerdict[] = [
  {
    ...ruleOf,
    name: 'RG-3 who may accept every cluster, and put it into the set, may write a rule that does',
    object: acceptanceRule('written', 'edge'),
    rights: [acceptAll, joinEdge],
  },
  {
    ...ruleOf,
    name: 'RG-3 who may accept some clusters may not',
    object: acceptanceRule('narrow', 'edge'),
    rights: [right('accept', 'memberclusters', 'edge-1'), joinEdge],
    refused: forbidden('a rule that accepts clusters needs the verb accept on memberclusters.quarterdeck.dev "*"'),
  },
  {
    ...ruleOf,
    name: 'RG-3 nor who may not put clusters into the set, also by a change',
    old: acceptanceRule('moved-rule', 'edge'),
    object: acceptanceRule('moved-rule', 'core'),
    rights: [acceptAll, joinEdge],
    refused: forbidden(
      'spec.clusterSet: a rule that accepts into a set needs the verb join on clustersets.quarterdeck.dev "core"',
    ),
  },
  {
    ...ruleOf,
    name: 'RG-3 labelling a rule needs no right on clusters',
    old: acceptanceRule('labelled-rule', 'edge'),
    object: acceptanceRule('labelled-rule', 'edge', { labels: { a: 'b' } }),
  },
];

/** The user of a verdict, on any server. */
export const policyUser = ({ groups, object }: PolicyVerdict) => ({
  name: groups?.includes(membersGroup)
    ? memberUserName(object.metadata.name ?? '', 'uid')
    : `user:${object.metadata.name}`,
  groups: groups ?? [],
});

/** One table for all policies. */
export const policyVerdicts: readonly PolicyVerdict[] = [
  ...annotations,
  ...executors,
  ...defaultExecutors,
  ...secrets,
  ...bindings,
  ...members,
  ...rules,
  ...agents,
  ...namespaces,
];
