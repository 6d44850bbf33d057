import type { JsonObject } from '@quarterdeck/machinery';
import { apply, get, patch, post, put, remove, type Scenario, scenario, silently } from '../step.ts';
import { accounts, configMap, configMaps, deployments, object, secrets } from './objects.ts';

const cm = (name: string) => `${configMaps}/${name}`;
const container = (name: string, rest: JsonObject = {}): JsonObject => ({ name, image: `${name}:1`, ...rest });
const deployment = (name: string, spec: JsonObject, containers: readonly JsonObject[]): JsonObject =>
  object('apps/v1', 'Deployment', name, {
    spec: {
      selector: { matchLabels: { app: name } },
      ...spec,
      template: { metadata: { labels: { app: name } }, spec: { containers: [...containers] } },
    },
  });

/** Server-side apply on built-in kinds. KA-71 to KA-79 */
export const applyBuiltin: readonly Scenario[] = [
  scenario(
    'apply-basics',
    apply('one', cm('a'), configMap('a', { k: '1', l: '1' })),
    get(cm('a')),
    apply('one', cm('a'), configMap('a', { k: '1', l: '1' })),
    apply('one', cm('a'), configMap('a', { k: '2' })),
    apply('two', cm('a'), configMap('a', { k: '2', m: '1' })),
    apply('two', cm('a'), configMap('a', { k: '3', m: '1' })),
    apply('two', cm('a'), configMap('a', { k: '3', m: '1' }), 'force=true'),
    apply('one', cm('a'), configMap('a', { k: '2' })),
    apply('one', cm('a'), configMap('a')),
    apply('two', cm('a'), configMap('a', {})),
    apply('two', cm('a'), configMap('a')),
    get(cm('a')),
  ),
  scenario(
    'apply-conflicts',
    apply('one', cm('a'), configMap('a', { k: '1', l: '1' }, { labels: { x: '1' }, annotations: { 'a.io/b': '1' } })),
    patch('merge', `${cm('a')}?fieldManager=editor`, { data: { n: '1' } }),
    apply('two', cm('a'), configMap('a', { k: '2', n: '2' }, { labels: { x: '2' }, annotations: { 'a.io/b': '2' } })),
    apply('three', cm('a'), configMap('a', { k: '1' })),
    apply('four', cm('a'), configMap('a', { k: '5' })),
    apply('two', cm('a'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: "7"\n', 'force=true'),
    apply('two', cm('a'), configMap('a', { k: '8' }), 'force=false'),
    apply('two', cm('a'), configMap('a', { k: '8' }), 'dryRun=All'),
    get(cm('a')),
  ),
  scenario(
    'apply-refused',
    patch('apply', cm('a'), configMap('a')),
    apply('m'.repeat(129), cm('a'), configMap('a')),
    apply('%07', cm('a'), configMap('a')),
    apply('one', cm('a'), configMap('b')),
    apply('one', cm('a'), { ...configMap('a'), apiVersion: 'v2' }),
    apply('one', cm('a'), { ...configMap('a'), kind: 'Secret' }),
    apply('one', cm('a'), { kind: 'ConfigMap', metadata: { name: 'a' } }),
    apply('one', cm('a'), { apiVersion: 'v1', metadata: { name: 'a' } }),
    apply('one', cm('a'), { apiVersion: 'v1', kind: 'ConfigMap' }),
    apply('one', cm('a'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } }),
    apply('one', cm('a'), configMap('a', {}, { namespace: 'other' })),
    apply('one', cm('a'), configMap('a', {}, { managedFields: [] })),
    apply('one', cm('a'), configMap('a', {}, { managedFields: [{ manager: 'x' }] })),
    apply('one', cm('a'), configMap('a', {}, { uid: '00000000-0000-4000-8000-000000000001' })),
    apply('one', cm('a'), configMap('a', {}, { resourceVersion: '1' })),
    apply('one', cm('a'), '[]'),
    apply('one', cm('a'), ''),
    apply('one', cm('a'), '{"apiVersion"'),
    apply('one', cm('a'), 'a: [b'),
    apply('one', cm('a'), configMap('a', { 'bad key!': '1' })),
    apply('one', cm('a'), { ...configMap('a'), unknown: 1 }, 'fieldValidation=Strict'),
    apply('one', cm('a'), { ...configMap('a'), unknown: 1 }, 'fieldValidation=Warn'),
    apply('one', cm('a'), { ...configMap('a'), unknown: 1 }, 'fieldValidation=Ignore'),
    apply('one', cm('a'), { ...configMap('a'), unknown: 1 }, 'fieldValidation=Never'),
    apply(
      'one',
      cm('a'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: v, a: w}',
      'fieldValidation=Strict',
    ),
    apply('one', cm('a'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: v, a: w}'),
    apply('one', cm('a'), { ...configMap('a'), data: { k: 1 } }),
    apply('one', cm('a'), { ...configMap('a'), data: 'text' }),
    apply('one', configMaps, configMap('a')),
    apply('one', cm('missing'), configMap('missing', {}, { uid: '00000000-0000-4000-8000-000000000002' })),
    apply('one', '/api/v1/namespaces/nowhere/configmaps/a', configMap('a')),
    apply('one', cm('dry'), configMap('dry'), 'dryRun=All'),
    get(cm('dry')),
    apply('one', cm('dry'), configMap('dry'), 'dryRun=Some'),
    apply('one', cm('Bad_Name'), configMap('Bad_Name')),
  ),
  scenario(
    'apply-tracking',
    post(`${configMaps}?fieldManager=creator`, configMap('a', { k: '1' })),
    apply('one', cm('a'), configMap('a', { k: '1' })),
    put(`${cm('a')}?fieldManager=updater`, configMap('a', { k: '2', l: '1' })),
    put(`${cm('a')}?fieldManager=updater`, configMap('a', { k: '2', l: '1' })),
    put(`${cm('a')}?fieldManager=other`, configMap('a', { l: '1' })),
    apply('one', cm('a'), configMap('a', { k: '9' })),
    patch('json', `${cm('a')}?fieldManager=json`, [{ op: 'add', path: '/data/z', value: '1' }]),
    patch('strategic', `${cm('a')}?fieldManager=json`, { data: { z: '1' } }),
    patch('merge', cm('a'), { metadata: { labels: { by: 'agent' } } }),
    put(cm('a'), configMap('a', { l: '1' }), { headers: { 'user-agent': 'tool-x/v1 (linux)' } }),
    put(cm('a'), configMap('a', { l: '2' }), { headers: { 'user-agent': 'tool-y' } }),
    put(`${cm('a')}?fieldManager=${'m'.repeat(129)}`, configMap('a', { l: '1' })),
  ),
  scenario(
    'apply-before-first',
    post(`${configMaps}?fieldManager=creator`, configMap('a', { k: '1', l: '1' }, { labels: { a: 'b' } })),
    patch('merge', `${cm('a')}?fieldManager=creator`, { metadata: { managedFields: [{}] } }),
    apply('one', cm('a'), configMap('a', { k: '2' })),
    apply('one', cm('a'), configMap('a', { k: '1' })),
    apply('one', cm('a'), configMap('a', { k: '2' }), 'force=true'),
    put(cm('a'), configMap('a', { k: '2' }, { managedFields: [] })),
    get(cm('a')),
    patch('merge', `${cm('a')}?fieldManager=again`, { data: { m: '1' } }),
    apply('one', cm('a'), configMap('a', { m: '1' })),
  ),
  scenario(
    'apply-managed-fields',
    post(configMaps, configMap('a', { k: '1' })),
    patch('merge', cm('a'), { metadata: { managedFields: [{ manager: 'x', operation: 'Apply' }] } }),
    patch('merge', cm('a'), {
      metadata: {
        managedFields: [{ manager: 'x', operation: 'Sing', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
      },
    }),
    patch('merge', cm('a'), {
      metadata: {
        managedFields: [
          {
            manager: 'x',
            operation: 'Apply',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:k': {} } },
            time: '2020-01-01T00:00:00Z',
          },
        ],
      },
    }),
    patch('merge', cm('a'), {
      metadata: {
        managedFields: [
          {
            manager: 'y',
            operation: 'Update',
            apiVersion: 'v9',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:k': {} } },
            time: '2020-01-01T00:00:00Z',
          },
        ],
      },
    }),
    patch('merge', cm('a'), {
      metadata: {
        managedFields: [
          { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV2', fieldsV1: { 'f:data': {} } },
        ],
      },
    }),
    patch('merge', cm('a'), {
      metadata: {
        managedFields: [
          { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'x:data': {} } },
        ],
      },
    }),
    post(
      configMaps,
      configMap(
        'b',
        { k: '1' },
        {
          managedFields: [
            {
              manager: 'x',
              operation: 'Apply',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:k': {} } },
              time: '2020-01-01T00:00:00Z',
            },
          ],
        },
      ),
    ),
    patch('json', cm('a'), [{ op: 'remove', path: '/metadata/managedFields' }]),
    get(cm('a')),
    patch('json', cm('a'), [{ op: 'add', path: '/metadata/managedFields', value: [{}] }]),
  ),
  scenario(
    'apply-ancient-changes',
    ...Array.from({ length: 12 }, (_, index) => {
      const step = patch('merge', `${cm('a')}?fieldManager=m${String(index).padStart(2, '0')}`, {
        data: { [`k${index}`]: '1' },
      });
      return index < 10 ? silently(step) : step;
    }).toSpliced(0, 0, silently(post(`${configMaps}?fieldManager=creator`, configMap('a', { k: '1' })))),
    apply('one', cm('a'), configMap('a', { k1: '2' })),
  ),
  scenario(
    'apply-kubectl-migration',
    post(
      `${configMaps}?fieldManager=kubectl-client-side-apply`,
      configMap(
        'a',
        { k: '1', l: '1' },
        {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration':
              '{"apiVersion":"v1","data":{"k":"1","l":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"rec-apply-kubectl-migration"}}\n',
          },
        },
      ),
    ),
    apply('kubectl', cm('a'), configMap('a', { k: '2' })),
    patch('merge', `${cm('a')}?fieldManager=other`, { data: { k: '3' } }),
    apply('kubectl', cm('a'), configMap('a', { k: '4' })),
    apply('kubectl', cm('a'), configMap('a', { k: '4' }), 'force=true'),
    get(cm('a'), { capture: { rv: 'metadata.resourceVersion' } }),
    patch('json', `${cm('a')}?fieldManager=kubectl-last-applied`, [
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [
          {
            manager: 'kubectl',
            operation: 'Apply',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:k': {}, 'f:l': {} } },
            time: '2020-01-01T00:00:00Z',
          },
        ],
      },
      { op: 'replace', path: '/metadata/resourceVersion', value: '{rv}' },
    ]),
    apply('kubectl', cm('a'), configMap('a', { k: '5' })),
  ),
  scenario(
    'apply-deployment',
    apply(
      'one',
      `${deployments}/web`,
      deployment('web', { replicas: 1 }, [container('c', { ports: [{ containerPort: 80 }] })]),
    ),
    apply('two', `${deployments}/web`, deployment('web', {}, [container('d')])),
    apply('two', `${deployments}/web`, deployment('web', { replicas: 2 }, [container('d', { image: 'c:2' })])),
    apply(
      'one',
      `${deployments}/web`,
      deployment('web', {}, [container('c', { ports: [{ containerPort: 80 }, { containerPort: 81, name: 'x' }] })]),
    ),
    apply(
      'three',
      `${deployments}/web`,
      deployment('web', {}, [
        container('c', { image: 'c:9', ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 1 }] }),
      ]),
    ),
    apply('one', `${deployments}/web`, deployment('web', {}, [container('c'), container('e')])),
    apply('one', `${deployments}/web`, deployment('web', {}, [container('c', { env: [{ name: 'A', value: '1' }] })])),
    apply('four', `${deployments}/web`, deployment('web', {}, [container('c', { env: [{ name: 'B', value: '1' }] })])),
    apply('one', `${deployments}/web`, deployment('web', {}, [container('c', { env: [] })])),
    apply('two', `${deployments}/web`, deployment('web', {}, [])),
    apply('one', `${deployments}/web`, deployment('web', {}, [container('c'), container('c')])),
    apply('one', `${deployments}/web`, deployment('web', {}, [{ image: 'x' }])),
    apply('one', `${deployments}/web/status`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      status: { conditions: [{ type: 'A', status: 'True' }] },
    }),
    apply('two', `${deployments}/web/status`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      status: {
        conditions: [
          { type: 'A', status: 'False' },
          { type: 'B', status: 'True' },
        ],
      },
    }),
    apply('scaler', `${deployments}/web/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'web' },
      spec: { replicas: 5 },
    }),
    apply(
      'scaler',
      `${deployments}/web/scale`,
      { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } },
      'force=true',
    ),
    get(`${deployments}/web/scale`),
    get(`${deployments}/web`),
    patch('merge', `${deployments}/web/scale?fieldManager=hand`, { spec: { replicas: 3 } }),
    get(`${deployments}/web`),
  ),
  scenario(
    'apply-sets',
    apply(
      'one',
      `${accounts}/sa`,
      object('v1', 'ServiceAccount', 'sa', { metadata: { finalizers: ['a.io/a'] }, imagePullSecrets: [{ name: 'a' }] }),
    ),
    apply(
      'two',
      `${accounts}/sa`,
      object('v1', 'ServiceAccount', 'sa', { metadata: { finalizers: ['a.io/b'] }, imagePullSecrets: [{ name: 'b' }] }),
    ),
    apply(
      'one',
      `${accounts}/sa`,
      object('v1', 'ServiceAccount', 'sa', { metadata: { finalizers: ['a.io/c', 'a.io/b'] } }),
    ),
    apply('two', `${accounts}/sa`, object('v1', 'ServiceAccount', 'sa', { metadata: { finalizers: [] } })),
    apply('two', `${accounts}/sa`, object('v1', 'ServiceAccount', 'sa', { imagePullSecrets: [] })),
    apply(
      'two',
      `${accounts}/sa`,
      object('v1', 'ServiceAccount', 'sa', { metadata: { finalizers: ['a.io/d', 'a.io/d'] } }),
    ),
    apply('one', `${accounts}/sa`, object('v1', 'ServiceAccount', 'sa')),
    remove(`${accounts}/sa`),
  ),
  scenario(
    'apply-owners',
    apply('one', cm('a'), configMap('a', { k: '1' })),
    apply(
      'one',
      cm('a'),
      configMap(
        'a',
        { k: '1' },
        {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '00000000-0000-4000-8000-000000000001' },
          ],
        },
      ),
      'dryRun=All',
    ),
    apply(
      'two',
      cm('a'),
      configMap(
        'a',
        {},
        {
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              name: 'p',
              uid: '00000000-0000-4000-8000-000000000002',
              controller: true,
            },
          ],
        },
      ),
      'dryRun=All',
    ),
  ),
  scenario(
    'apply-secret',
    apply('one', `${secrets}/s`, object('v1', 'Secret', 's', { stringData: { a: 'x' } })),
    apply('two', `${secrets}/s`, object('v1', 'Secret', 's', { data: { a: 'eQ==' } })),
    apply('one', `${secrets}/s`, object('v1', 'Secret', 's', { data: { b: 'eQ==' } })),
    apply('one', `${secrets}/s`, object('v1', 'Secret', 's', { type: 'other', data: { b: 'eQ==' } })),
    apply('one', `${secrets}/s`, object('v1', 'Secret', 's', { immutable: true, data: { b: 'eQ==' } })),
    apply('one', `${secrets}/s`, object('v1', 'Secret', 's', { immutable: true, data: { b: 'eg==' } })),
  ),
];
