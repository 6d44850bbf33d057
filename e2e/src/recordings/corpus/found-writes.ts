import type { JsonObject } from '@quarterdeck/machinery';
import { apply, get, patch, post, put, remove, type Scenario, scenario, silently, type View } from '../step.ts';
import { accounts, configMap, configMaps, crd, deployments, established, leases, object, schemaOf } from './objects.ts';

const cm = `${configMaps}/a`;
const pods = '/api/v1/namespaces/{ns}/pods';
const web = `${deployments}/web`;
const container = { name: 'c', image: 'c:1' };
const deployment = (rest: JsonObject = {}, pod: JsonObject = {}): JsonObject =>
  object('apps/v1', 'Deployment', 'web', {
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container], ...pod } },
    },
    ...rest,
  });
/** Without a token, whose volume is named by chance. */
const pod = (spec: JsonObject = {}): JsonObject =>
  object('v1', 'Pod', 'p', { spec: { containers: [container], automountServiceAccountToken: false, ...spec } });

const services = '/api/v1/namespaces/{ns}/services';
const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const policy = object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'found', {
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['none.io'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nones'] }],
    },
    validations: [{ expression: 'true' }],
  },
});
/** A controller of ours writes this status, so that no more of the answer is compared. */
const labelled: { view: View } = {
  view: (body) => {
    const { name = null, labels = null, annotations = null } = (body as JsonObject).metadata as JsonObject;
    return { name, labels, annotations };
  },
};
const owner = (rest: JsonObject): JsonObject => ({
  ...{ manager: 'm', operation: 'Update', apiVersion: 'v1', time: '2020-01-01T00:00:00Z' },
  ...{ fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } },
  ...rest,
});

const group = 'found.recordings.io';
const widgets = `/apis/${group}/v1/namespaces/{ns}/widgets`;
const widget = (metadata: JsonObject = {}): JsonObject => object(`${group}/v1`, 'Widget', 'w', { metadata });
const definition = crd({ group, plural: 'widgets', kind: 'Widget', properties: { spec: schemaOf.object({}) } });

/** What random sequences of writes, played on both servers, once found to differ. KA-44, KA-51, KA-57, KA-64, KA-74 */
export const foundWrites: readonly Scenario[] = [
  scenario(
    'found-empty-owned',
    apply('one', cm, configMap('a', {}, { labels: {}, annotations: {} })),
    apply('two', cm, { ...configMap('a', { k: '1' }, { labels: null, generateName: '' }), binaryData: null }),
    apply('two', cm, configMap('a', { k: '1' })),
    apply('one', cm, configMap('a', {}, { finalizers: [], ownerReferences: [] })),
    get(cm),
  ),
  scenario(
    'found-null-entries',
    post(configMaps, { ...configMap('a', { k: null }, { labels: { a: null } }), binaryData: { b: null } }),
    put(cm, configMap('a', { k: '1', l: null }, { annotations: { a: null } })),
    apply('one', cm, configMap('a', { m: null })),
    post(deployments, deployment({}, { containers: [{ ...container, args: [null, 'x'], command: [null] }] })),
    get(web),
  ),
  scenario(
    'found-wrong-empties',
    silently(post(configMaps, configMap('a'))),
    put(cm, configMap('a', {}, { labels: '' })),
    put(cm, configMap('a', {}, { labels: [] })),
    put(cm, configMap('a', {}, { finalizers: {} })),
    put(cm, configMap('a', {}, { managedFields: 'x' })),
    ...established(definition),
    post(widgets, widget({ labels: [] })),
    post(widgets, widget({ managedFields: 'x' })),
    post(widgets, widget({ managedFields: ['x'] })),
    post(widgets, widget({ managedFields: null })),
    put(cm, configMap('a', {}, { managedFields: [owner({ manager: 'm'.repeat(129) })] })),
    put(cm, configMap('a', {}, { managedFields: [owner({ subresource: 's'.repeat(257) })] })),
    put(cm, configMap('a', {}, { managedFields: [owner({ manager: 'm' })] })),
  ),
  scenario(
    'found-nameless',
    apply('one', cm, { apiVersion: 'v1', kind: 'ConfigMap', data: { k: '1' } }),
    silently(apply('one', cm, configMap('a'))),
    apply('two', cm, { apiVersion: 'v1', kind: 'ConfigMap', data: { k: '1' } }),
    apply('two', cm, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' }, data: { k: '1' } }),
    apply('two', cm, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'other' }, data: { k: '1' } }),
  ),
  scenario(
    'found-before-first',
    post(leases, object('coordination.k8s.io/v1', 'Lease', 'l')),
    apply('one', `${leases}/l`, object('coordination.k8s.io/v1', 'Lease', 'l')),
    apply('two', `${leases}/l`, object('coordination.k8s.io/v1', 'Lease', 'l', { spec: { holderIdentity: 'x' } })),
  ),
  scenario(
    'found-generation',
    silently(post(deployments, deployment())),
    patch('merge', web, { metadata: { annotations: { a: '1' } } }),
    patch('merge', web, { metadata: { labels: { a: '1' } } }),
    patch('merge', `${web}/status`, { metadata: { annotations: { a: '2' }, labels: { a: '2' } }, status: {} }),
    apply('st', `${web}/status`, object('apps/v1', 'Deployment', 'web', { metadata: { labels: { b: '1' } } })),
    patch('merge', web, { metadata: { annotations: { a: null } } }),
  ),
  scenario(
    'found-status-metadata',
    silently(post(policies, policy)),
    patch('merge', `${policies}/found/status`, { metadata: { labels: { a: '1' }, annotations: { a: '1' } } }, labelled),
    apply(
      'st',
      `${policies}/found/status`,
      { ...policy, metadata: { name: 'found', labels: { b: '1' } } },
      '',
      labelled,
    ),
    silently(post(services, object('v1', 'Service', 's', { spec: { type: 'ExternalName', externalName: 'a.b' } }))),
    remove(`${services}/s`),
    remove(`${policies}/found`),
  ),
  scenario(
    'found-pods',
    post(pods, pod({ schedulingGates: [{ name: 'a.io/gate' }] })),
    patch('merge', `${pods}/p/status`, { status: { podIP: '10.0.0.1' } }),
    patch('strategic', `${pods}/p/status`, { status: { podIP: '10.0.0.2' } }),
    put(`${pods}/p/status`, pod({ schedulingGates: [{ name: 'a.io/gate' }] })),
    remove(`${pods}/p?dryRun=All`),
    remove(`${pods}/p`),
    get(`${pods}/p`),
  ),
  scenario(
    'found-accounts',
    post(accounts, object('v1', 'ServiceAccount', 's', { secrets: [{ name: 'a', namespace: 'b', kind: 'Secret' }] })),
    patch('merge', `${accounts}/s`, { secrets: [{ name: 'c', kind: 'Secret' }] }),
    remove(`${accounts}/s`),
    post('/api/v1/namespaces', { metadata: { generateName: 'rec-found-' } }),
  ),
];
