import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import {
  apply,
  get,
  patch,
  post,
  put,
  remove,
  type Scenario,
  type Step,
  scenario,
  silently,
  type View,
} from '../step.ts';
import { configMap, configMaps, crd, crds, deployments, established, object, schemaOf } from './objects.ts';

const namespaced = (path: string): string => `${path}/namespaces/{ns}`;
const pods = `${namespaced('/api/v1')}/pods`;
const limitRanges = `${namespaced('/api/v1')}/limitranges`;
const jobs = `${namespaced('/apis/batch/v1')}/jobs`;

/** This part of an object; a Status as it is. */
const only = (...path: readonly string[]): { view: View } => ({
  view: (body) => {
    if ((body as JsonObject).kind === 'Status') return body;
    return path.reduce<JsonValue>((value, key) => (value as JsonObject)[key] ?? null, body);
  },
});
const tried = (path: string, body: JsonObject, ...view: readonly string[]): Step =>
  post(`${path}?dryRun=All`, body, only(...view));

const labels = { app: 'web' };
const requesting = (requests: JsonValue, limits?: JsonValue): Step => {
  const resources = { requests, ...(limits === undefined ? {} : { limits }) } as JsonObject;
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'c:1', resources }] };
  return tried(pods, object('v1', 'Pod', 'p', { spec }), 'spec', 'containers', '0', 'resources');
};
const limitRange = (cpu: JsonValue): JsonObject =>
  object('v1', 'LimitRange', 'l', { spec: { limits: [{ type: 'Container', max: { cpu } }] } });
const requestingWeb = (cpu: string): JsonObject => {
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'c', image: 'c:1', resources: { requests: { cpu } } }] },
  };
  return object('apps/v1', 'Deployment', 'web', { spec: { selector: { matchLabels: labels }, template } });
};
const managers: { view: View } = {
  view: (body) => {
    const { managedFields = [] } = (body as JsonObject).metadata as { managedFields?: JsonObject[] };
    return managedFields.map(({ manager = '' }) => manager);
  },
};
const autoscaler = (averageValue: string): JsonObject =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
    spec: {
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue } } }],
    },
  });

const podTemplate = (restartPolicy: string): JsonObject => ({
  metadata: { labels },
  spec: { restartPolicy, containers: [{ name: 'c', image: 'c:1' }] },
});
const workload = (kind: string): JsonObject =>
  object('apps/v1', kind, 'w', { spec: { selector: { matchLabels: labels }, template: podTemplate('Always') } });
const controller = object('v1', 'ReplicationController', 'w', {
  spec: { selector: labels, template: podTemplate('Always') },
});

/** Made once, and then tried with each status. */
const counted = (path: string, body: JsonObject, ...statuses: readonly JsonObject[]): Step[] => [
  silently(post(path, body)),
  ...statuses.map((status) => patch('merge', `${path}/w/status?dryRun=All`, { status }, only('status'))),
];
const negative = (...fields: readonly string[]): JsonObject => Object.fromEntries(fields.map((field) => [field, -1]));

const jobStatus = (name: string, status: JsonObject): Step =>
  patch('merge', `${jobs}/${name}/status?dryRun=All`, { status }, only('status'));
const [first, second] = ['2020-01-02T03:04:05Z', '2020-01-02T03:05:05Z'];
const times = { startTime: first, completionTime: second };
const conditions = (...types: readonly string[]): JsonValue => types.map((type) => ({ type, status: 'True' }));
const well = ['SuccessCriteriaMet', 'Complete'];

const group = 'values.recordings.io';
const anything: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };
const widgets = `${namespaced(`/apis/${group}/v1`)}/widgets`;
const widget = (rest: JsonObject = {}, name = 'w'): JsonObject => object(`${group}/v1`, 'Widget', name, rest);
const embedded: JsonObject = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  ...anything,
  properties: { metadata: { type: 'object', properties: { name: { type: 'string', default: 'unnamed' } } } },
};
const definition = crd({
  group,
  plural: 'widgets',
  kind: 'Widget',
  properties: {
    spec: schemaOf.object({
      n: schemaOf.integer,
      list: schemaOf.list({ type: 'object', ...anything }),
      open: { type: 'object', ...anything },
      embedded,
    }),
  },
});
const zeros = ['0', ''].flatMap((resourceVersion): Step[] => [
  apply('one', `${widgets}/w`, widget({ metadata: { resourceVersion }, spec: { n: 2 } }), '', only('spec')),
  patch('merge', `${widgets}/w?dryRun=All`, { metadata: { resourceVersion }, spec: { n: 3 } }, only('spec')),
  patch(
    'json',
    `${widgets}/w?dryRun=All`,
    [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }],
    only('spec'),
  ),
  patch('merge', `${configMaps}/a?dryRun=All`, { metadata: { resourceVersion }, data: { a: '1' } }, only('data')),
  put(`${widgets}/w?dryRun=All`, widget({ metadata: { resourceVersion } }), only('spec')),
  tried(widgets, widget({ metadata: { resourceVersion } }, 'x'), 'spec'),
]);
const mistyped: readonly JsonObject[] = [
  ...[{ creationTimestamp: 5 }, { creationTimestamp: 'x' }, { creationTimestamp: '' }, { creationTimestamp: null }],
  ...[{ generation: 'x' }, { generation: 1.5 }, { generation: null }, { uid: 5 }, { selfLink: 5 }],
  ...[
    { resourceVersion: 5 },
    { deletionTimestamp: 5 },
    { deletionTimestamp: 'x' },
    { deletionGracePeriodSeconds: 'x' },
  ],
  ...[{ namespace: 5 }, { generateName: 5 }, { annotations: { a: 5 } }, { annotations: 'x' }, { finalizers: [5] }],
  ...[{ ownerReferences: [5] }, { ownerReferences: 'x' }, { managedFields: {} }, { labels: null }, { odd: 5 }],
];
const nulls: readonly JsonObject[] = [
  { list: [{ a: null, b: 1 }] },
  { open: { a: [{ b: null, c: { d: null } }, null, [null, { e: null }]] } },
  { open: { x: { y: null, z: [{ q: null }] } } },
];

const sizes: { view: View } = {
  view: (body) => {
    const { kind, items } = body as JsonObject;
    return kind !== 'Status' && Array.isArray(items) ? items.length : body;
  },
};
const none = 'fieldSelector=metadata.name%3Dnone';
const costly: JsonObject = schemaOf.list(schemaOf.string, {
  'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y))' }],
});

/** Values that are written otherwise than they are stored, contradict each other, or are of no type. KA-3, KA-8, KA-51 */
export const foundValues: readonly Scenario[] = [
  scenario(
    'quantities',
    ...[
      ...[
        { cpu: '1000m', memory: '1024Ki' },
        { cpu: '0.5', memory: '1.5Gi' },
        { cpu: 1, memory: 1048576 },
      ],
      ...[
        { cpu: '1u', memory: '1E3' },
        { cpu: ' 1 ', memory: '+1Ki' },
        { cpu: '1.5555', memory: '10Ei' },
      ],
      ...[{ cpu: '5.', memory: '01Ki' }, { cpu: 'x' }, { cpu: '' }, { cpu: null }, { cpu: true }, { cpu: '-0.5' }],
    ].map((requests) => requesting(requests)),
    requesting({ cpu: '2000m' }, { cpu: '1.0' }),
    tried(limitRanges, limitRange('1500m'), 'spec'),
    apply('one', `${limitRanges}/l`, limitRange('0.5')),
    apply('one', `${limitRanges}/l`, limitRange('0.5')),
    apply('two', `${limitRanges}/l`, limitRange('0.7'), 'force=true'),
    patch('strategic', `${limitRanges}/l`, { spec: { limits: [{ type: 'Container', max: { cpu: 2 } }] } }),
    patch(
      'json',
      `${limitRanges}/l`,
      [{ op: 'replace', path: '/spec/limits/0/max/cpu', value: '3000m' }],
      only('spec'),
    ),
    patch('merge', `${limitRanges}/l`, { spec: { limits: [{ type: 'Container', max: { cpu: 'x' } }] } }),
    ...(
      [
        ['one', '0.5'],
        ['one', '0.5'],
        ['two', '500m'],
        ['three', '0.5'],
        ['three', '0.7'],
      ] as const
    ).map(([manager, cpu]) => apply(manager, `${deployments}/web`, requestingWeb(cpu), '', managers)),
    tried(`${namespaced('/apis/autoscaling/v2')}/horizontalpodautoscalers`, autoscaler('0.5000001'), 'spec', 'metrics'),
    tried(
      `${namespaced('/api/v1')}/persistentvolumeclaims`,
      object('v1', 'PersistentVolumeClaim', 'c', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0.5Gi' } } },
      }),
      'spec',
    ),
  ),
  scenario(
    'status-counts',
    ...counted(
      deployments,
      workload('Deployment'),
      negative('replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'),
      { ...negative('terminatingReplicas', 'collisionCount', 'observedGeneration') },
      { replicas: 1, updatedReplicas: 2, readyReplicas: 3, availableReplicas: 4 },
      { replicas: 3, readyReplicas: 2, availableReplicas: 1, updatedReplicas: 3, unavailableReplicas: 2 },
    ),
    ...counted(
      deployments.replace('deployments', 'replicasets'),
      workload('ReplicaSet'),
      negative('replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas'),
      { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 3, availableReplicas: 4 },
    ),
    ...counted(
      deployments.replace('deployments', 'statefulsets'),
      workload('StatefulSet'),
      negative('replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'),
      { replicas: 1, readyReplicas: 2, currentReplicas: 2, updatedReplicas: 2, availableReplicas: 3 },
    ),
    ...counted(
      deployments.replace('deployments', 'daemonsets'),
      workload('DaemonSet'),
      negative('currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'),
      negative('updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount'),
      { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 5 },
    ),
    ...counted(
      `${namespaced('/api/v1')}/replicationcontrollers`,
      controller,
      negative('replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'),
      { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 3, availableReplicas: 4 },
    ),
    silently(patch('merge', `${deployments}/w/status`, { status: { collisionCount: 2 } })),
    ...[1, null].map((collisionCount) =>
      patch('merge', `${deployments}/w/status?dryRun=All`, { status: { collisionCount } }, only('status')),
    ),
  ),
  scenario(
    'job-status',
    silently(post(jobs, object('batch/v1', 'Job', 'j', { spec: { template: podTemplate('Never') } }))),
    silently(
      post(
        jobs,
        object('batch/v1', 'Job', 'i', {
          spec: { template: podTemplate('Never'), completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 },
        }),
      ),
    ),
    ...[
      negative('active', 'succeeded', 'failed', 'ready', 'terminating'),
      ...[{ ready: 1 }, { active: 1, ready: 1 }, { conditions: conditions('Complete'), ...times }],
      { conditions: conditions(...well), ...times },
      { conditions: conditions(...well), startTime: second, completionTime: first },
      { conditions: conditions(...well), startTime: first },
      { conditions: conditions(...well), completionTime: first },
      { conditions: conditions(...well, 'Failed', 'FailureTarget'), ...times },
      { conditions: conditions('Failed'), startTime: first },
      { conditions: conditions('Failed', 'FailureTarget'), startTime: first, active: 1, terminating: 1 },
      {
        conditions: conditions('Failed', 'FailureTarget'),
        startTime: first,
        uncountedTerminatedPods: { failed: ['a', ''], succeeded: ['a'] },
      },
      ...[times, { completedIndexes: '1', failedIndexes: '2' }, { completedIndexes: '', failedIndexes: '' }],
    ].map((status) => jobStatus('j', status)),
    ...[
      { completedIndexes: '1,3-4', failedIndexes: '0' },
      { completedIndexes: '1-3', failedIndexes: '2' },
    ].map((status) => jobStatus('i', status)),
    ...['4-5', 'x', '3,1', '1-2-3', '3-3'].map((completedIndexes) => jobStatus('i', { completedIndexes })),
    jobStatus('i', { failedIndexes: '7' }),
    silently(
      patch('merge', `${jobs}/j/status`, {
        status: { succeeded: 1, failed: 1, startTime: first, conditions: conditions('SuccessCriteriaMet') },
      }),
    ),
    ...[
      ...[{ succeeded: 0 }, { failed: 0 }, { startTime: second }, { startTime: null }, { conditions: [] }],
      { conditions: conditions('SuccessCriteriaMet', 'FailureTarget') },
    ].map((status) => jobStatus('j', status)),
    silently(
      patch('merge', `${jobs}/j/status`, { status: { completionTime: second, conditions: conditions(...well) } }),
    ),
    ...[
      ...[{ conditions: conditions('SuccessCriteriaMet') }, { completionTime: first }, { completionTime: null }],
      ...[{ active: 1 }, { active: 1, ready: 2 }],
    ].map((status) => jobStatus('j', status)),
    patch('merge', `${jobs}/j`, { metadata: { labels: { a: 'b' } } }, only('metadata', 'labels')),
  ),
  scenario(
    'metadata-values',
    ...established(definition),
    silently(post(widgets, widget({ spec: { n: 1 } }))),
    silently(post(configMaps, configMap('a'))),
    ...zeros,
    patch('merge', `${widgets}/w?dryRun=All`, { metadata: { resourceVersion: null } }, only('spec')),
    patch('json', `${widgets}/w?dryRun=All`, [{ op: 'remove', path: '/metadata/resourceVersion' }], only('spec')),
    ...mistyped.flatMap((metadata) => [
      tried(widgets, widget({ metadata }, 'm'), 'spec'),
      patch('merge', `${widgets}/w?dryRun=All`, { metadata }, only('spec')),
      tried(configMaps, configMap('m', {}, metadata), 'data'),
    ]),
    put(`${widgets}/w?dryRun=All`, widget({ metadata: { creationTimestamp: 5 } })),
    ...nulls.flatMap((spec) => [
      patch('merge', `${widgets}/w?dryRun=All`, { spec }, only('spec')),
      tried(widgets, widget({ spec }, 'x'), 'spec'),
    ]),
    ...[{}, { metadata: {} }, { metadata: { labels: { a: 'b' } } }].map((rest) =>
      tried(widgets, widget({ spec: { embedded: { apiVersion: 'v1', kind: 'A', ...rest } } }, 'x'), 'spec'),
    ),
    remove(`${crds}/widgets.${group}`, undefined, only('metadata', 'name')),
  ),
  scenario(
    'query-values',
    silently(post(configMaps, configMap('a'))),
    ...[
      ...['limit=', 'limit=0', 'limit=x', 'limit=1.5', 'limit=%2B1', 'limit=1&limit=x', 'timeoutSeconds='],
      ...['timeoutSeconds=x', 'resourceVersion=', 'resourceVersionMatch=', 'continue=', 'allowWatchBookmarks=foo'],
      ...['allowWatchBookmarks=', 'sendInitialEvents=', 'fieldSelector=', 'labelSelector=', 'pretty=', 'pretty=foo'],
      'foo=bar',
    ].map((query) => get(`${configMaps}?${query}`, sizes)),
    ...['watch=', 'watch=0', 'watch=False', 'watch=foo', 'watch=f', 'watch=1&resourceVersion='].map((query) =>
      get(`${configMaps}?${query}&timeoutSeconds=1&${none}`, { view: (body) => (body === '' ? 'watched' : 'listed') }),
    ),
    ...['dryRun=', 'dryRun=All&dryRun=', 'dryRun=all', 'dryRun=All&fieldManager=', 'dryRun=All&fieldValidation='].map(
      (query) => post(`${configMaps}?${query}`, configMap('n'), only('data')),
    ),
    ...['gracePeriodSeconds=', 'gracePeriodSeconds=x', 'propagationPolicy=', 'orphanDependents='].map((query) =>
      remove(`${configMaps}/a?dryRun=All&${query}`, undefined, only('status')),
    ),
    apply('one', `${configMaps}/a`, configMap('a', {}), 'dryRun=All&force=', only('data')),
    patch('merge', `${configMaps}/a?dryRun=All&force=`, {}),
  ),
  scenario(
    'component-statuses',
    get('/api/v1/componentstatuses', { view: (body) => (body as JsonObject).kind ?? null }),
    get('/api/v1/componentstatuses/none'),
  ),
  scenario(
    'rule-costs',
    post(`${crds}?dryRun=All`, crd({ group, plural: 'costs', kind: 'Cost', properties: { spec: costly } })),
    post(
      `${crds}?dryRun=All`,
      crd({
        group,
        plural: 'costs',
        kind: 'Cost',
        properties: {
          spec: schemaOf.object({
            lists: schemaOf.list(costly),
            map: { type: 'object', additionalProperties: costly },
          }),
        },
      }),
    ),
  ),
];
