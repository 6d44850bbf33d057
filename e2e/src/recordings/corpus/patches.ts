import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { get, patch, post, type Scenario, type Step, scenario, silently } from '../step.ts';
import { accounts, configMap, configMaps, crd, deployments, established, object, schemaOf } from './objects.ts';

const cm = `${configMaps}/a`;
const make = (data: JsonObject = { k: '1', l: '2' }, metadata: JsonObject = {}): Step =>
  silently(post(configMaps, configMap('a', data, metadata)));
const json = (value: JsonValue | string): Step => patch('json', cm, value as JsonValue);
/** What Kubernetes reads leniently changes nothing, so that what follows starts from the same object. */
const lenient = (value: JsonValue): Step => patch('json', `${cm}?dryRun=All`, value);
const merge = (value: JsonValue | string, query = ''): Step => patch('merge', `${cm}${query}`, value as JsonValue);

const group = 'patch.recordings.io';
const things = `/apis/${group}/v1/namespaces/{ns}/things`;
const thing = (spec: JsonValue): JsonObject => object(`${group}/v1`, 'Thing', 't', { spec });
const definition = crd({
  group,
  plural: 'things',
  kind: 'Thing',
  properties: {
    spec: schemaOf.object({
      size: { ...schemaOf.integer, default: 3 },
      big: { type: 'integer', format: 'int64' },
      ratio: { type: 'number' },
      list: schemaOf.list(schemaOf.string),
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      note: { type: 'string', nullable: true },
    }),
  },
});

const web = `${deployments}/web`;
const deployment = object('apps/v1', 'Deployment', 'web', {
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'a',
            image: 'a:1',
            ports: [{ containerPort: 80 }, { containerPort: 81 }],
            env: [{ name: 'X', value: '1' }],
            args: ['x'],
          },
          { name: 'b', image: 'b:1' },
        ],
        tolerations: [{ key: 'k', operator: 'Exists' }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  },
});
const strategic = (spec: JsonValue, query = ''): Step => patch('strategic', `${web}${query}`, { spec });
const pod = (spec: JsonObject): Step => strategic({ template: { spec } });

/** JSON, merge and strategic merge patches. KA-67 to KA-70 */
export const patches: readonly Scenario[] = [
  scenario(
    'patch-json',
    make(),
    json([{ op: 'add', path: '/data/m', value: '3' }]),
    json([{ op: 'replace', path: '/data/m', value: '4' }]),
    json([{ op: 'remove', path: '/data/m' }]),
    json([{ op: 'remove', path: '/data/m' }]),
    lenient([{ op: 'replace', path: '/data/m', value: '4' }]),
    json([{ op: 'test', path: '/data/k', value: '1' }]),
    json([{ op: 'test', path: '/data/k', value: '2' }]),
    json([{ op: 'test', path: '/data/none', value: '2' }]),
    json([{ op: 'move', from: '/data/k', path: '/data/moved' }]),
    json([{ op: 'move', from: '/data/none', path: '/data/moved' }]),
    json([{ op: 'copy', from: '/data/l', path: '/data/copied' }]),
    lenient([{ op: 'copy', from: '/data/none', path: '/data/copied' }]),
    json([{ op: 'add', path: '/none/x', value: '1' }]),
    json([{ op: 'add', path: '/metadata/finalizers', value: ['a.io/x'] }]),
    json([{ op: 'add', path: '/metadata/finalizers/-', value: 'a.io/y' }]),
    json([{ op: 'add', path: '/metadata/finalizers/0', value: 'a.io/z' }]),
    json([{ op: 'add', path: '/metadata/finalizers/9', value: 'a.io/z' }]),
    lenient([{ op: 'add', path: '/metadata/finalizers/-1', value: 'a.io/z' }]),
    lenient([{ op: 'remove', path: '/metadata/finalizers/01' }]),
    json([{ op: 'replace', path: '/metadata/finalizers', value: null }]),
    json([{ op: 'sing', path: '/data/k' }]),
    json([{ path: '/data/k' }]),
    lenient([{ op: 'add', path: 'data/k', value: '1' }]),
    lenient([{ op: 'add', path: '/data/k' }]),
    json({ op: 'add' }),
    json('{'),
    json([]),
    json([{ op: 'replace', path: '', value: {} }]),
    json([{ op: 'replace', path: '/metadata/name', value: 'b' }]),
    json([{ op: 'replace', path: '/metadata/uid', value: 'b' }]),
    json([{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }]),
    json([{ op: 'remove', path: '/metadata/resourceVersion' }]),
    json([{ op: 'add', path: '/data/num', value: 1 }]),
    json([{ op: 'add', path: '/unknown', value: 1 }]),
    patch('json', `${cm}?fieldValidation=Strict`, [{ op: 'add', path: '/unknown', value: 1 }]),
    patch('json', `${cm}?fieldValidation=Strict`, '[{"op":"add","op":"add","path":"/data/x","value":"1"}]'),
    patch('json', `${cm}?dryRun=All`, [{ op: 'add', path: '/data/dry', value: '1' }]),
    patch('json', `${cm}?force=true`, [{ op: 'add', path: '/data/dry', value: '1' }]),
    json([{ op: 'add', path: '/metadata/labels', value: { 'a~1b': 'x' } }]),
    json([
      { op: 'add', path: '/metadata/annotations', value: { 'a.io/b': 'x' } },
      { op: 'add', path: '/metadata/annotations/a.io~1c', value: 'y' },
    ]),
    get(cm),
    patch('json', `${configMaps}/none`, [{ op: 'add', path: '/data/x', value: '1' }]),
    json(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/l', value: '2' }))),
  ),
  scenario(
    'patch-merge',
    make(),
    merge({ data: { m: '3' } }),
    merge({ data: { m: '3' } }),
    merge({ data: { m: null, none: null } }),
    merge({ data: null }),
    merge({ data: { a: '1' } }),
    merge({}),
    merge({ metadata: { labels: { a: 'b' }, annotations: null } }),
    merge({ metadata: { labels: { a: null } } }),
    merge({ metadata: { name: 'b' } }),
    merge({ metadata: { namespace: 'b' } }),
    merge({ metadata: { uid: '00000000-0000-4000-8000-000000000001' } }),
    merge({ metadata: { resourceVersion: '1' } }),
    merge({
      metadata: { creationTimestamp: '2000-01-01T00:00:00Z', generation: 7, deletionTimestamp: '2000-01-01T00:00:00Z' },
    }),
    merge({ kind: 'Secret' }),
    merge({ apiVersion: 'v2' }),
    merge({ apiVersion: null }),
    merge({ unknown: 1 }),
    merge({ unknown: 1 }, '?fieldValidation=Strict'),
    merge('{"data":{"x":"1","x":"2"}}', '?fieldValidation=Strict'),
    merge('{"data":{"x":"1","x":"2"}}'),
    merge({ data: { n: 1 } }),
    merge({ data: ['a'] }),
    merge([]),
    merge('"text"'),
    merge('null'),
    merge(''),
    merge({ metadata: null }),
    merge({ metadata: { labels: { 'bad key!': 'x' } } }),
    merge({ data: { dry: '1' } }, '?dryRun=All'),
    get(cm, { capture: { rv: 'metadata.resourceVersion', uid: 'metadata.uid' } }),
    merge({ metadata: { resourceVersion: '{rv}', uid: '{uid}' }, data: { right: '1' } }),
    merge({ metadata: { resourceVersion: '{rv}' }, data: { right: '2' } }),
    merge({ immutable: true }),
    merge({ data: { right: '3' } }),
    merge({ immutable: false }),
    merge({ immutable: null }),
    merge({ metadata: { labels: { still: 'editable' } } }),
  ),
  scenario(
    'patch-strategic',
    silently(post(deployments, deployment)),
    pod({ containers: [{ name: 'a', image: 'a:2' }] }),
    pod({ containers: [{ name: 'c', image: 'c:1' }] }),
    pod({ containers: [{ name: 'b', $patch: 'delete' }] }),
    pod({
      containers: [
        {
          name: 'a',
          env: [
            { name: 'Y', value: '2' },
            { name: 'X', value: null },
          ],
        },
      ],
    }),
    pod({
      containers: [
        {
          name: 'a',
          ports: [
            { containerPort: 80, name: 'http' },
            { containerPort: 81, $patch: 'delete' },
          ],
        },
      ],
    }),
    pod({ containers: [{ name: 'a', args: ['y', 'z'] }] }),
    pod({ containers: [{ image: 'x' }] }),
    pod({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [{ name: 'c', image: 'c:2' }] }),
    pod({ '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'c', image: 'c:3' }] }),
    pod({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'o:1' }] }),
    pod({ tolerations: [{ key: 'z', operator: 'Exists' }] }),
    pod({ volumes: [{ name: 'v', emptyDir: null, configMap: { name: 'x' } }] }),
    pod({ volumes: [{ name: 'v', $retainKeys: ['name', 'secret'], secret: { secretName: 's' } }] }),
    strategic({ strategy: { $retainKeys: ['type'], type: 'Recreate' } }),
    strategic({ strategy: { $patch: 'replace', type: 'RollingUpdate' } }),
    strategic({ strategy: { $patch: 'delete' } }),
    strategic({ strategy: { $patch: 'sing' } }),
    strategic({ template: { metadata: { labels: { extra: '1' }, annotations: { a: 'b' } } } }),
    strategic({ template: { metadata: { annotations: { $patch: 'replace', c: 'd' } } } }),
    strategic({ replicas: 'x' }),
    strategic({ replicas: null }),
    strategic({ unknown: 1 }),
    strategic({ unknown: 1 }, '?fieldValidation=Strict'),
    strategic({ template: 'x' }),
    patch('strategic', web, []),
    patch('strategic', web, '{'),
    patch('strategic', web, { metadata: { finalizers: ['a.io/a', 'a.io/b'] } }),
    patch('strategic', web, { metadata: { finalizers: ['a.io/b', 'a.io/c'] } }),
    patch('strategic', web, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a.io/b'] } }),
    patch('strategic', web, {
      metadata: { '$setElementOrder/finalizers': ['a.io/c', 'a.io/a'], finalizers: ['a.io/a'] },
    }),
    patch('strategic', web, { metadata: { '$deleteFromPrimitiveList/finalizers': 'x' } }),
    patch('strategic', `${web}?dryRun=All`, {
      metadata: {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '00000000-0000-4000-8000-000000000001' },
        ],
      },
    }),
    patch('strategic', `${web}?dryRun=All`, {
      metadata: { ownerReferences: [{ uid: '00000000-0000-4000-8000-000000000001', controller: true }] },
    }),
    patch('strategic', web, {
      metadata: {
        ownerReferences: [{ uid: '00000000-0000-4000-8000-000000000001', $patch: 'delete' }],
        finalizers: null,
      },
    }),
    get(web),
    patch('strategic', `${web}/status`, { status: { conditions: [{ type: 'A', status: 'True' }], replicas: 1 } }),
    patch('strategic', `${web}/status`, {
      status: {
        conditions: [
          { type: 'B', status: 'True' },
          { type: 'A', status: 'False' },
        ],
      },
    }),
    patch('strategic', web, {}),
  ),
  scenario(
    'patch-strategic-core',
    silently(
      post(
        accounts,
        object('v1', 'ServiceAccount', 'x', { secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'p' }] }),
      ),
    ),
    patch('strategic', `${accounts}/x`, { secrets: [{ name: 'b' }], imagePullSecrets: [{ name: 'q' }] }),
    patch('strategic', `${accounts}/x`, { secrets: [{ name: 'a', $patch: 'delete' }] }),
    patch('strategic', `${accounts}/x`, { secrets: null, imagePullSecrets: [{ $patch: 'replace' }] }),
    make(),
    patch('strategic', cm, { data: { k: null, m: '1' } }),
    patch('strategic', cm, { data: { $patch: 'replace', z: '1' } }),
    patch('strategic', cm, { $patch: 'replace', metadata: { name: 'a' } }),
    patch('strategic', cm, { $patch: 'delete' }),
  ),
  scenario(
    'patch-types',
    make(),
    patch('merge', cm, { data: { a: '1' } }, { headers: { 'content-type': 'application/json' } }),
    patch('merge', cm, { data: { a: '1' } }, { headers: { 'content-type': 'text/plain' } }),
    patch(
      'merge',
      cm,
      { data: { a: '1' } },
      { headers: { 'content-type': 'application/merge-patch+json; charset=utf-8' } },
    ),
    patch('merge', cm, { data: { a: '1' } }, { headers: { 'content-type': '' } }),
    patch('merge', cm, { data: { a: '1' } }, { headers: { 'content-type': 'application/apply-patch+cbor' } }),
    ...established(definition),
    silently(post(things, thing({ list: ['a'], open: { a: 1 } }))),
    patch('strategic', `${things}/t`, { spec: { size: 1 } }),
    patch('merge', `${things}/t`, { spec: { size: 1 } }, { headers: { 'content-type': 'text/plain' } }),
    patch('merge', `${things}/t`, { spec: { size: 5, list: ['b'], open: { b: { c: [1] } } } }),
    patch('merge', `${things}/t`, { spec: { size: null, open: { b: null } } }),
    patch('merge', `${things}/t`, { spec: { size: 'x' } }),
    patch('merge', `${things}/t`, { spec: { odd: 1, open: { odd: 1 } } }),
    patch('merge', `${things}/t`, { spec: { odd: 1 } }, { headers: {} }),
    patch('merge', `${things}/t?fieldValidation=Strict`, { spec: { odd: 1 }, metadata: { odd: 1 } }),
    patch('merge', `${things}/t`, '{"spec":{"big":9007199254740993,"ratio":1.5,"note":null}}'),
    patch('merge', `${things}/t`, '{"spec":{"ratio":2.0,"size":4.0}}'),
    patch('merge', `${things}/t`, '{"spec":{"size":4.5}}'),
    patch('json', `${things}/t`, [
      { op: 'add', path: '/spec/list/0', value: 'z' },
      { op: 'test', path: '/spec/list', value: ['z', 'b'] },
    ]),
    patch('json', `${things}/t`, [{ op: 'add', path: '/spec/note', value: null }]),
    patch('merge', `${things}/t`, { apiVersion: `${group}/v2` }),
    patch('merge', `${things}/t`, { kind: 'Other' }),
    patch('merge', `${things}/t`, { spec: null }),
    patch('merge', `${things}/none`, { spec: null }),
    get(`${things}/t`),
  ),
];
