import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import {
  accepting,
  as,
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
import { accounts, configMap, configMaps, object, secrets } from './objects.ts';

const send = (method: string, path: string, body?: Step['body'], headers: Record<string, string> = {}): Step => ({
  method,
  path,
  headers,
  ...(body === undefined ? {} : { body }),
});
/** A list's length stands for its content, where that is the server's own. */
const shape: View = (body) =>
  isJsonObject(body)
    ? Object.fromEntries(Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? '<list>' : value]))
    : body;
/** The keys' order is of no meaning, so of indented text only its height is compared. */
const lineCount: View = (text) => String(text).trimEnd().split('\n').length;
const identity = (...headers: [string, string][]) => Object.fromEntries(headers);
const review = (spec: JsonObject, kind = 'SelfSubjectAccessReview'): JsonObject => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind,
  spec,
});
const reviews = '/apis/authorization.k8s.io/v1';

const pods = '/api/v1/namespaces/{ns}/pods';
const token = `${accounts}/default/token`;
const binding = (target: JsonObject) => object('v1', 'Binding', 'p', { target: { kind: 'Node', ...target } });
const eviction = (more: JsonObject) => object('policy/v1', 'Eviction', 'p', more);

/** How requests are read and answered, whatever they are about; failures of every class. KA-5 to KA-9, KA-27 to KA-41 */
export const requests: readonly Scenario[] = [
  scenario(
    'paths',
    ...[
      '/api/v1/namespaces/{ns}/',
      '/api/v1/namespaces/{ns}/configmaps/none/',
      '//api/v1/namespaces',
      '/api/v1//namespaces',
      '/api/v2',
      '/api/v1/unknowns',
      '/api/v1/namespaces/{ns}/unknowns/x',
      '/apis/none.io',
      '/apis/none.io/v1',
      '/apis/apps/v9',
      '/apis/apps/v9/deployments',
      '/apis/none.io/v1/things',
      '/nothing',
      '/api/v1/namespaces/{ns}/configmaps/a/unknown',
      '/api/v1/namespaces/{ns}/configmaps/a/b/c/d',
      '/api/v1/configmaps/x',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/clusterroles',
      '/api/v1/namespaces/{ns}/namespaces',
      '/apis/rbac.authorization.k8s.io/v1/roles/x',
      '/api/v1/namespaces/nowhere/configmaps',
      '/api/v1/namespaces/nowhere/configmaps/a',
      '/api/v1/namespaces/nowhere',
      '/api/v1/namespaces/{ns}/configmaps/UPPER',
      '/api/v1/namespaces/{ns}/configmaps/%2e%2e',
      '/api/v1/namespaces/{ns}/configmaps/a%2Fb',
      '/api/v1/namespaces/{ns}/secrets/none',
      '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/none',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/none',
    ].map((path) => get(path)),
  ),
  scenario(
    'methods',
    silently(post(configMaps, configMap('a', { k: 'v' }))),
    send('HEAD', `${configMaps}/a`),
    send('HEAD', `${configMaps}/none`),
    send('HEAD', configMaps),
    send('OPTIONS', configMaps),
    send('TRACE', configMaps),
    send('PURGE', `${configMaps}/a`),
    send('POST', `${configMaps}/a`, {}),
    send('PUT', configMaps, {}),
    send('PATCH', configMaps, {}, { 'content-type': 'application/merge-patch+json' }),
    send('DELETE', '/api/v1/configmaps'),
    send('POST', '/version', {}),
    send('DELETE', '/api/v1'),
    send('POST', '/api', {}),
    send('PUT', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {}),
    send('GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
    send('GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x'),
    send('DELETE', '/apis/authentication.k8s.io/v1/tokenreviews'),
    send('GET', `${accounts}/default/token`),
    send('DELETE', '/api/v1/namespaces'),
    send('DELETE', '/api/v1/namespaces/{ns}/status'),
    send('POST', '/api/v1/namespaces/{ns}/finalize', {}),
    send('GET', '/api/v1/namespaces/{ns}/finalize'),
  ),
  scenario(
    'negotiation',
    silently(post(configMaps, configMap('a', { k: 'v' }))),
    ...[
      'application/json',
      '*/*',
      'application/*',
      '',
      'application/yaml',
      'text/html',
      'application/xml, application/json;q=0.5',
      'application/json;q=0',
      'text/*',
      'application/cbor',
      'application/vnd.kubernetes.protobuf',
      'application/json;pretty=1',
      'application/json; charset=utf-8',
      'json',
      'application/json;as=Table',
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    ].map((accept) =>
      accepting(accept, {
        ...get(`${configMaps}/a`),
        ...(/yaml|protobuf/.test(accept) ? { view: () => '<bytes>' } : {}),
      }),
    ),
    accepting('text/html', get('/api')),
    accepting('text/html', get('/apis/apps/v1')),
    accepting('text/html', get('/version')),
    accepting('application/yaml', get('/api/v1/namespaces/{ns}/configmaps/none')),
    accepting('application/vnd.kubernetes.protobuf', {
      ...get('/api/v1/namespaces/{ns}/configmaps/none'),
      view: () => '<bytes>',
    }),
    { ...get(`${configMaps}/a?pretty=true`), raw: true, view: lineCount },
    { ...get(`${configMaps}/a?pretty=false`), headers: { 'user-agent': 'curl/8' }, raw: true, view: lineCount },
    { ...get(`${configMaps}/a`), headers: { 'user-agent': 'curl/8' }, raw: true, view: lineCount },
    { ...get(`${configMaps}/a`), headers: { 'user-agent': 'Mozilla/5.0' }, raw: true, view: lineCount },
    get(`${configMaps}/none?pretty=1`),
    { ...get(`${configMaps}/a`), raw: true, view: (text: JsonValue) => String(text).endsWith('\n') },
    { ...get(`${configMaps}/a`), headers: { 'accept-encoding': 'gzip' } },
    silently(post(configMaps, configMap('big', { k: 'v'.repeat(200_000) }))),
    { ...get(`${configMaps}/big`), headers: { 'accept-encoding': 'gzip' }, view: () => '<big>' },
    { ...get(`${configMaps}/big`), headers: { 'accept-encoding': 'br' }, view: () => '<big>' },
    { ...get(`${configMaps}/big`), headers: { 'accept-encoding': 'identity' }, view: () => '<big>' },
    post(configMaps, configMap('huge', { k: 'v'.repeat(1_048_577) })),
    post(configMaps, configMap('huge', { k: 'v'.repeat(3 * 1024 * 1024 + 100) })),
    post(configMaps, configMap('j', {}), { headers: { 'content-type': 'application/json; charset=utf-8' } }),
    post(configMaps, configMap('k', {}), { headers: { 'content-type': 'application/json;stream=watch' } }),
    post(configMaps, configMap('l', {}), { headers: { 'content-type': '' } }),
    get(`${configMaps}/a?timeout=10s`),
    get(`${configMaps}/a?timeout=x`),
    get(`${configMaps}/a?timeout=0s`),
    get(`${configMaps}/a?timeout=-1s`),
    get(`${configMaps}/a?dryRun=x&limit=x`),
  ),
  scenario(
    'who',
    as('nobody', get(`${configMaps}`)),
    as('nobody', get(`${configMaps}/a`)),
    as('nobody', get('/api/v1/configmaps')),
    as('nobody', get('/api/v1/namespaces')),
    as('nobody', get('/api/v1/namespaces/{ns}')),
    as('nobody', post(configMaps, configMap('a'))),
    as('nobody', put(`${configMaps}/a`, configMap('a'))),
    as('nobody', patch('merge', `${configMaps}/a`, {})),
    as('nobody', patch('apply', `${configMaps}/a?fieldManager=x`, configMap('a'))),
    as('nobody', remove(`${configMaps}/a`)),
    as('nobody', remove(configMaps)),
    as('nobody', get(`${configMaps}?watch=true`)),
    as('nobody', get('/apis/apps/v1/namespaces/{ns}/deployments/x/status')),
    as('nobody', get('/apis/none.io/v1/namespaces/{ns}/things/x')),
    as('nobody', get('/metrics')),
    as('nobody', get('/nothing')),
    as('nobody', get('/version', { view: () => '<version>' })),
    as('nobody', get('/healthz')),
    as('nobody', get('/api/v1/namespaces/{ns}/secrets/<script>')),
    as('system:serviceaccount:{ns}:default', get(secrets)),
    as('system:anonymous', get(secrets)),
    { ...get('/api/v1/namespaces/{ns}'), headers: identity(['impersonate-group', 'x']) },
    { ...get('/api/v1/namespaces/{ns}'), headers: identity(['impersonate-uid', 'x']) },
    { ...get('/api/v1/namespaces/{ns}'), headers: identity(['impersonate-extra-a', 'x']) },
    {
      ...post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      }),
      headers: {
        'content-type': 'application/json',
        'impersonate-user': 'u',
        'impersonate-group': 'g',
        'impersonate-uid': 'id',
        'impersonate-extra-scopes%2fa': 'x',
      },
    },
    as(
      'system:serviceaccount:{ns}:default',
      post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      }),
    ),
    as('system:anonymous', post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {})),
    as('nobody', {
      ...get('/api/v1/namespaces'),
      headers: { 'impersonate-group': 'system:masters', 'impersonate-user': 'nobody' },
      view: shape,
    }),
  ),
  scenario(
    'access-reviews',
    post(
      `${reviews}/selfsubjectaccessreviews`,
      review({ resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'x' } }),
    ),
    as(
      'nobody',
      post(
        `${reviews}/selfsubjectaccessreviews`,
        review({ resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'x' } }),
      ),
    ),
    as(
      'nobody',
      post(`${reviews}/selfsubjectaccessreviews`, review({ nonResourceAttributes: { verb: 'get', path: '/healthz' } })),
    ),
    as(
      'nobody',
      post(`${reviews}/selfsubjectaccessreviews`, review({ nonResourceAttributes: { verb: 'get', path: '/metrics' } })),
    ),
    post(`${reviews}/selfsubjectaccessreviews`, review({})),
    post(
      `${reviews}/selfsubjectaccessreviews`,
      review({
        resourceAttributes: { verb: 'get', resource: 'pods' },
        nonResourceAttributes: { verb: 'get', path: '/' },
      }),
    ),
    post(`${reviews}/selfsubjectaccessreviews`, {
      ...review({ resourceAttributes: { verb: 'get' } }),
      metadata: { name: 'x', labels: { a: 'b' } },
    }),
    post(`${reviews}/selfsubjectaccessreviews`, { spec: { resourceAttributes: { verb: 'list', resource: 'pods' } } }),
    post(
      `${reviews}/selfsubjectaccessreviews?dryRun=All`,
      review({ resourceAttributes: { verb: 'get', resource: 'pods' } }),
    ),
    post(
      `${reviews}/subjectaccessreviews`,
      review(
        { user: 'u', groups: ['g'], resourceAttributes: { verb: 'get', resource: 'pods' } },
        'SubjectAccessReview',
      ),
    ),
    post(
      `${reviews}/subjectaccessreviews`,
      review(
        { groups: ['system:masters'], resourceAttributes: { verb: 'get', resource: 'pods' } },
        'SubjectAccessReview',
      ),
    ),
    post(
      `${reviews}/subjectaccessreviews`,
      review({ resourceAttributes: { verb: 'get', resource: 'pods' } }, 'SubjectAccessReview'),
    ),
    post(
      `${reviews}/namespaces/{ns}/localsubjectaccessreviews`,
      review(
        { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '{ns}' } },
        'LocalSubjectAccessReview',
      ),
    ),
    post(
      `${reviews}/namespaces/{ns}/localsubjectaccessreviews`,
      review(
        { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'other' } },
        'LocalSubjectAccessReview',
      ),
    ),
    post(`${reviews}/namespaces/{ns}/localsubjectaccessreviews`, {
      ...review(
        { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '{ns}' } },
        'LocalSubjectAccessReview',
      ),
      metadata: { namespace: 'other' },
    }),
    post(`${reviews}/selfsubjectrulesreviews`, review({ namespace: '' }, 'SelfSubjectRulesReview')),
    as(
      'nobody',
      post(`${reviews}/selfsubjectrulesreviews`, review({ namespace: '{ns}' }, 'SelfSubjectRulesReview'), {
        view: (body) => Object.keys(((body as JsonObject).status ?? {}) as JsonObject) as JsonValue,
      }),
    ),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'nonsense' },
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: '' },
    }),
    post(`${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 10 },
    }),
    post(`${accounts}/none/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
    post(`${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: ['me'],
        expirationSeconds: 600,
        boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'none' },
      },
    }),
    post(`${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: ['me'],
        expirationSeconds: 600,
        boundObjectRef: { kind: 'Lease', apiVersion: 'v1', name: 'none' },
      },
    }),
    post(`${accounts}/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: 'other' },
      spec: { audiences: ['me'] },
    }),
    post(`${accounts}/default/token`, { spec: { audiences: ['me'], expirationSeconds: 600 } }),
    post(`${accounts}/default/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'Odd', spec: {} }),
  ),
  scenario(
    'kinds-rules',
    post(secrets, object('v1', 'Secret', 'a', { stringData: { a: 'x' }, data: { b: 'eQ==' } })),
    post(secrets, object('v1', 'Secret', 'b', { type: 'kubernetes.io/tls', data: {} })),
    post(
      secrets,
      object('v1', 'Secret', 'b', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } }),
    ),
    post(secrets, object('v1', 'Secret', 'b', { type: 'kubernetes.io/basic-auth', data: {} })),
    post(secrets, object('v1', 'Secret', 'b', { type: 'kubernetes.io/ssh-auth', data: {} })),
    post(secrets, object('v1', 'Secret', 'b', { type: 'kubernetes.io/service-account-token' })),
    post(secrets, object('v1', 'Secret', 'c', { data: { 'bad key!': 'eA==', ok: 'no base64!' } })),
    post(secrets, object('v1', 'Secret', 'c', { data: { 'bad key!': 'eA==' } })),
    post(secrets, object('v1', 'Secret', 'big', { data: { k: Buffer.alloc(1_048_577).toString('base64') } })),
    patch('merge', `${secrets}/a`, { type: 'other' }),
    patch('merge', `${secrets}/a`, { stringData: { a: 'z', c: 'n' } }),
    patch('merge', `${secrets}/a`, { immutable: true }),
    patch('merge', `${secrets}/a`, { data: { a: null } }),
    patch('merge', '/api/v1/namespaces/{ns}', {
      spec: { finalizers: ['x.io/y'] },
      status: { phase: 'Odd' },
      metadata: { labels: { 'kubernetes.io/metadata.name': 'other', l: '1' } },
    }),
    patch('merge', '/api/v1/namespaces/{ns}/status', {
      status: { conditions: [{ type: 'A', status: 'True' }] },
      metadata: { annotations: { by: 'status' } },
    }),
    put(
      '/api/v1/namespaces/{ns}/finalize',
      object('v1', 'Namespace', '{ns}', { spec: { finalizers: ['kubernetes', 'x.io/y'] } }),
    ),
    put(
      '/api/v1/namespaces/{ns}/finalize',
      object('v1', 'Namespace', 'other', { spec: { finalizers: ['kubernetes'] } }),
    ),
    put(
      '/api/v1/namespaces/{ns}/finalize',
      object('v1', 'Namespace', '{ns}', { spec: { finalizers: ['kubernetes', 'bad'] } }),
    ),
    post('/api/v1/namespaces/{ns}/events', object('v1', 'Event', 'e', { involvedObject: { namespace: 'other' } })),
    post('/api/v1/namespaces/{ns}/events', object('v1', 'Event', 'e', { involvedObject: {} })),
    post(
      '/apis/events.k8s.io/v1/namespaces/{ns}/events',
      object('events.k8s.io/v1', 'Event', 'e', { regarding: { namespace: '{ns}' } }),
    ),
    post(
      '/apis/events.k8s.io/v1/namespaces/{ns}/events',
      object('events.k8s.io/v1', 'Event', 'e', {
        regarding: { namespace: '{ns}' },
        eventTime: '2020-01-01T00:00:00.000000Z',
        type: 'Odd',
        reason: 'r',
        action: 'a',
        reportingController: 'bad name',
        reportingInstance: '',
      }),
    ),
    post(
      '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases',
      object('coordination.k8s.io/v1', 'Lease', 'l', {
        spec: { leaseDurationSeconds: -1, leaseTransitions: -1, renewTime: 'yesterday' },
      }),
    ),
    post(
      '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases',
      object('coordination.k8s.io/v1', 'Lease', 'l', { spec: { leaseDurationSeconds: -1, leaseTransitions: -1 } }),
    ),
    post(
      '/apis/coordination.k8s.io/v1/namespaces/{ns}/leases',
      object('coordination.k8s.io/v1', 'Lease', 'l', {
        spec: { acquireTime: '2020-01-01T00:00:00Z', renewTime: '2020-01-01T00:00:00.123456789Z' },
      }),
    ),
    post(
      '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      object('certificates.k8s.io/v1', 'CertificateSigningRequest', 'rec-c', {
        spec: { request: 'bm8=', signerName: 'x.io/y', usages: ['client auth'] },
      }),
    ),
    post(
      '/apis/certificates.k8s.io/v1/certificatesigningrequests',
      object('certificates.k8s.io/v1', 'CertificateSigningRequest', 'rec-c', { spec: { signerName: 'bad' } }),
    ),
  ),
  scenario(
    'action-fields',
    silently(post(pods, object('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c', image: 'i' }] } }))),
    ...['', 'Strict', 'Ignore'].flatMap((validation) => {
      const query = `?dryRun=All${validation === '' ? '' : `&fieldValidation=${validation}`}`;
      return [
        post(`${token}${query}`, { spec: { audiences: ['me'], unknown: 1 }, odd: true, metadata: { label: 'x' } }),
        post(`${token}${query}`, '{"spec":{"audiences":["a"],"audiences":["me"]}}'),
        post(`${pods}/p/binding${query}`, binding({ odd: 1, name: 'n' })),
        post(`${pods}/p/eviction${query}`, eviction({ deleteOptions: { odd: 1 }, reason: 'x' })),
        post(`/api/v1/namespaces/{ns}/bindings${query}`, binding({ odd: 1, name: 'n' })),
      ];
    }),
    post(`${accounts}/none/token?fieldValidation=Strict`, { spec: { unknown: 1 } }),
    post(`${pods}/none/binding?fieldValidation=Strict`, binding({ odd: 1, name: 'n' })),
    post(`${pods}/none/eviction?fieldValidation=Strict`, eviction({ odd: 1 })),
    post(token, { spec: { audiences: 'me' } }),
    post(token, ''),
    post(token, '[]'),
    post(`${pods}/p/binding`, { metadata: { name: 'p' }, target: 'n' }),
    post(`${pods}/p/eviction`, eviction({ deleteOptions: { gracePeriodSeconds: 'soon' } })),
  ),
];
