import type { JsonObject } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataDefinitions } from '../../builtin/definitions.ts';
import { objectAt, objectsAt } from '../../registry/fields.ts';
import { systemUser } from '../../server.ts';
import { send, type TestRequest, type TestResponse } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';
import { widgets } from '../../testing/widgets.ts';
import type { AdmissionPlugin } from '../admission.ts';

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ controllers: true, definitions: [...dataDefinitions, widgets] });
});
afterEach(() => running[Symbol.asyncDispose]());

const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const ask = (request: TestRequest) => send(running.server.pipeline, { user: admin, ...request });
const admission = '/apis/admissionregistration.k8s.io/v1';
const configMaps: JsonObject = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };

const policyOf = (spec: JsonObject, name = 'p'): JsonObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: { resourceRules: [configMaps] }, ...spec },
});
const bindingOf = (spec: JsonObject = {}, name = 'b', policyName = 'p'): JsonObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName, validationActions: ['Deny'], ...spec },
});

async function make(url: string, body: JsonObject): Promise<void> {
  const answer = await ask({ method: 'POST', url, body });
  expect([answer.status, answer.json.message]).toEqual([201, undefined]);
}

/** A policy `p` with a binding `b`. */
async function enforce(spec: JsonObject, binding: JsonObject = {}): Promise<void> {
  await make(`${admission}/validatingadmissionpolicies`, policyOf(spec));
  await make(`${admission}/validatingadmissionpolicybindings`, bindingOf(binding));
}

const configMap = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const path = '/api/v1/namespaces/default/configmaps';
const write = (name: string, more: JsonObject = {}, request: Partial<TestRequest> = {}) =>
  ask({ method: 'POST', url: `${path}?dryRun=All`, body: configMap(name, more), ...request });

/** `201`, or the code with what follows `denied request: `. */
function told({ status, json }: TestResponse): string {
  const message = String(json.message ?? '');
  return status < 300 ? String(status) : `${status} ${message.replace(/^.*denied request: /, '')}`;
}

const never = { validations: [{ expression: "object.metadata.name == 'good'" }] };

test('KA-135a KA-137b a request for a token is judged as what it is', async () => {
  const tokens: JsonObject = { ...configMaps, resources: ['serviceaccounts/token'], operations: ['CREATE'] };
  const expression =
    "object.spec.expirationSeconds <= 3600 && request.kind.kind == 'TokenRequest' && request.subResource == 'token' && request.name == 'bot' && oldObject == null";
  await enforce({ matchConstraints: { resourceRules: [tokens] }, validations: [{ expression, message: 'too long' }] });
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await make(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } });
  const tokenFor = (expirationSeconds: number) =>
    ask({
      method: 'POST',
      url: `${accounts}/bot/token`,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [], expirationSeconds },
      },
    });
  expect(told(await tokenFor(3600))).toBe('201');
  const refused = await tokenFor(7200);
  expect([told(refused), refused.json.status]).toEqual(['422 too long', 'Failure']);
});

test('KA-137a a denial is a 422 that names policy and binding', async () => {
  await enforce({ validations: [{ expression: "object.metadata.name == 'good'", message: ' no ' }] });
  expect((await write('good')).status).toBe(201);
  const { status, json } = await write('bad');
  const denial = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no";
  expect([status, json.reason, json.message, json.details]).toEqual([
    422,
    'Invalid',
    `configmaps "bad" is forbidden: ${denial}`,
    { name: 'bad', kind: 'configmaps', causes: [{ message: denial }] },
  ]);
});

test.each([
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
])('KA-137a the reason %s is a %i', async (reason, code) => {
  await enforce({ validations: [{ expression: 'false', reason }] });
  const answer = await write('a');
  expect([answer.status, answer.json.reason, told(answer)]).toEqual([code, reason, `${code} failed expression: false`]);
});

test('KA-137b a policy without binding does nothing, and acts on the next request once it has one', async () => {
  await make(`${admission}/validatingadmissionpolicies`, policyOf({ validations: [{ expression: 'false' }] }));
  expect((await write('a')).status).toBe(201);
  await make(`${admission}/validatingadmissionpolicybindings`, bindingOf());
  expect((await write('a')).status).toBe(422);
  await ask({ method: 'DELETE', url: `${admission}/validatingadmissionpolicybindings/b` });
  expect((await write('a')).status).toBe(201);
});

test('KA-137b variables are evaluated when they are used, and may use earlier ones', async () => {
  await enforce({
    variables: [
      { name: 'broken', expression: 'object.data.nothing' },
      { name: 'name', expression: 'object.metadata.name' },
      { name: 'isGood', expression: "variables.name == 'good'" },
    ],
    validations: [
      { expression: 'variables.isGood', messageExpression: "'not ' + variables.name" },
      { expression: "variables.name != 'worse' || variables.broken == ''" },
    ],
  });
  expect(told(await write('good'))).toBe('201');
  expect(told(await write('bad'))).toBe('422 not bad');
  await ask({
    method: 'PATCH',
    url: `${admission}/validatingadmissionpolicies/p`,
    headers: { 'content-type': 'application/json-patch+json' },
    body: [{ op: 'remove', path: '/spec/validations/0' }],
  });
  expect(told(await write('worse'))).toBe(
    `422 expression 'variables.name != 'worse' || variables.broken == ''' resulted in error: composited variable "broken" fails to evaluate: no such key: data`,
  );
});

test('KA-137b a match condition that is false spares the request; one that fails is told by the failurePolicy', async () => {
  const matchConditions = [
    { name: 'fails', expression: "object.data.x == 'y'" },
    { name: 'named', expression: "object.metadata.name != 'spared'" },
  ];
  await enforce({ matchConditions, validations: [{ expression: 'false' }] });
  expect(told(await write('spared'))).toBe('201');
  expect(told(await write('a', { data: { x: 'z' } }))).toBe('201');
  expect(told(await write('a', { data: { x: 'y' } }))).toBe('422 failed expression: false');
  expect(told(await write('a'))).toBe(`422 expression 'object.data.x == 'y'' resulted in error: no such key: data`);
});

test('KA-137b with the failurePolicy Ignore errors deny nothing, and rules still do', async () => {
  await enforce({
    failurePolicy: 'Ignore',
    validations: [{ expression: "object.data.x == 'y'" }, { expression: "object.metadata.name == 'good'" }],
  });
  expect(told(await write('good'))).toBe('201');
  expect(told(await write('bad'))).toBe("422 failed expression: object.metadata.name == 'good'");
});

test('KA-137b Warn and Audit let the request pass; Warn says so', async () => {
  await enforce(never, { validationActions: ['Warn', 'Audit'] });
  const answer = await write('bad');
  expect([answer.status, answer.headers.warning]).toEqual([
    201,
    [
      `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: object.metadata.name == 'good'"`,
    ],
  ]);
});

test('KA-137b parameters by name, from the namespace of the request', async () => {
  await ask({ method: 'POST', url: path, body: configMap('limits', { data: { name: 'good' } }) });
  await enforce(
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'object.metadata.name == params.data.name' }],
    },
    { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
  );
  expect(told(await write('good'))).toBe('201');
  expect(told(await write('bad'))).toBe('422 failed expression: object.metadata.name == params.data.name');
  const elsewhere = '/api/v1/namespaces/kube-public/configmaps?dryRun=All';
  expect(told(await write('good', {}, { url: elsewhere }))).toBe(
    '422 failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
  );
});

test('KA-137b parameters by selector are tried one by one', async () => {
  const labelled = (name: string, text: string) => ({
    ...configMap(name, { data: { not: text } }),
    metadata: { name, labels: { is: 'limit' } },
  });
  for (const limit of [labelled('a', 'x'), labelled('b', 'y')]) await make(path, limit);
  await enforce(
    {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'object.metadata.name != params.data.not' }],
    },
    {
      paramRef: { selector: { matchLabels: { is: 'limit' } }, namespace: 'default', parameterNotFoundAction: 'Allow' },
    },
  );
  const answers = await Promise.all(['x', 'y', 'z'].map((name) => write(name)));
  expect(answers.map(({ status }) => status)).toEqual([422, 422, 201]);
});

test('KA-137b a kind of parameters that nobody serves is told', async () => {
  await enforce(
    { paramKind: { apiVersion: 'ex.test/v9', kind: 'Nothing' }, ...never },
    { paramRef: { name: 'a', parameterNotFoundAction: 'Allow' } },
  );
  const { json } = await write('good');
  expect(json.message).toBe(
    `configmaps "good" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'ex.test/v9, Kind=Nothing'`,
  );
});

test('KA-137b request, namespaceObject, authorizer and oldObject tell what is asked, where, and who asks', async () => {
  const checks = [
    "request.operation == (oldObject == null ? 'CREATE' : 'UPDATE')",
    "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.requestKind.version == 'v1'",
    "request.namespace == 'default' && namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default'",
    "request.userInfo.username == 'alice' && 'devs' in request.userInfo.groups",
    "request.dryRun && request.options.fieldManager == 'me'",
    "authorizer.group('').resource('secrets').namespace('default').check('get').allowed() == ('system:masters' in request.userInfo.groups)",
    "authorizer.requestResource.check('create').allowed()",
    'oldObject == null || oldObject.metadata.name == object.metadata.name',
  ];
  await make(path, configMap('stored'));
  await make('/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'writer' },
    rules: [{ verbs: ['create', 'update'], apiGroups: [''], resources: ['configmaps'] }],
  });
  await make('/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'writer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'devs' }],
  });
  await enforce({ validations: checks.map((expression) => ({ expression })) });
  const user = { name: 'alice', groups: ['devs'] };
  const query = '?dryRun=All&fieldManager=me';
  expect(told(await write('new', {}, { user, url: `${path}${query}` }))).toBe('201');
  const update = {
    method: 'PUT',
    url: `${path}/stored${query}`,
    user,
    body: configMap('stored', { data: { a: 'b' } }),
  };
  expect(told(await ask(update))).toBe('200');
});

test('KA-137b a deletion is judged by what there was', async () => {
  await make(path, configMap('kept'));
  await enforce({
    validations: [{ expression: "request.operation != 'DELETE' || oldObject.metadata.name != 'kept'" }],
  });
  expect((await ask({ method: 'DELETE', url: `${path}/kept` })).status).toBe(422);
});

test.each<{ name: string; match: JsonObject; want: readonly number[] }>([
  { name: 'operations', match: { resourceRules: [{ ...configMaps, operations: ['UPDATE'] }] }, want: [201, 201] },
  { name: 'resourceNames', match: { resourceRules: [{ ...configMaps, resourceNames: ['a'] }] }, want: [422, 201] },
  { name: 'scope', match: { resourceRules: [{ ...configMaps, scope: 'Cluster' }] }, want: [201, 201] },
  {
    name: 'exclusion',
    match: {
      resourceRules: [{ ...configMaps, apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
      excludeResourceRules: [{ ...configMaps, resourceNames: ['b'] }],
    },
    want: [422, 201],
  },
  {
    name: 'objectSelector',
    match: {
      resourceRules: [configMaps],
      objectSelector: { matchExpressions: [{ key: 'is', operator: 'In', values: ['a'] }] },
    },
    want: [422, 201],
  },
  {
    name: 'namespaceSelector',
    match: {
      resourceRules: [configMaps],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
    },
    want: [422, 422],
  },
  {
    name: 'another namespace',
    match: {
      resourceRules: [configMaps],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-public' } },
    },
    want: [201, 201],
  },
])('KA-137b matched by $name', async ({ match, want }) => {
  await enforce({ matchConstraints: match, validations: [{ expression: 'false' }] });
  const labelled = (name: string) => write(name, { metadata: { name, labels: { is: name } } });
  expect([(await labelled('a')).status, (await labelled('b')).status]).toEqual(want);
});

test('KA-137b a binding narrows what its policy matches', async () => {
  await enforce(
    { validations: [{ expression: 'false' }] },
    { matchResources: { objectSelector: { matchLabels: { is: 'a' } } } },
  );
  expect((await write('a', { metadata: { name: 'a', labels: { is: 'a' } } })).status).toBe(422);
  expect((await write('b')).status).toBe(201);
});

const scales = (version: string): JsonObject => ({
  apiGroups: ['autoscaling'],
  apiVersions: [version],
  resources: ['horizontalpodautoscalers'],
  operations: ['CREATE'],
});
const autoscaler: JsonObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a' },
  spec: {
    maxReplicas: 3,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
};

test.each([
  ['Equivalent', '422 v1 70'],
  ['Exact', '201'],
])('KA-137b a rule for another version of the kind, matchPolicy %s: %s', async (matchPolicy, want) => {
  await enforce({
    matchConstraints: { matchPolicy, resourceRules: [scales('v1')] },
    validations: [
      {
        expression: 'false',
        messageExpression: "request.kind.version + ' ' + string(object.spec.targetCPUUtilizationPercentage)",
      },
    ],
  });
  const url = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers?dryRun=All';
  expect(told(await ask({ method: 'POST', url, body: autoscaler }))).toBe(want);
});

describe('a Scale', () => {
  const parts = '/apis/x.io/v1/namespaces/default/widgets';
  const rule = { apiGroups: ['x.io'], apiVersions: ['v1'], resources: ['widgets/scale'], operations: ['UPDATE'] };
  const scale = (replicas: number): JsonObject => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'w' },
    spec: { replicas },
  });
  const writes: Record<string, (replicas: number, query?: string) => Promise<TestResponse>> = {
    put: (replicas, query = '') => ask({ method: 'PUT', url: `${parts}/w/scale?${query}`, body: scale(replicas) }),
    merge: (replicas, query = '') =>
      ask({
        method: 'PATCH',
        url: `${parts}/w/scale?${query}`,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { spec: { replicas } },
      }),
    apply: (replicas, query = '') =>
      ask({
        method: 'PATCH',
        url: `${parts}/w/scale?fieldManager=m&force=true&${query}`,
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: scale(replicas),
      }),
  };
  const widget = (metadata: JsonObject = {}): JsonObject => ({
    apiVersion: 'x.io/v1',
    kind: 'Widget',
    metadata: { name: 'w', ...metadata },
    spec: { replicas: 2, color: 'red' },
  });

  test.each(['put', 'merge', 'apply'])('KA-65, KA-137b is what a policy judges, of a %s', async (way) => {
    const write = writes[way] as (replicas: number, query?: string) => Promise<TestResponse>;
    await make(parts, widget());
    const shown = [
      "object.kind + ' ' + object.apiVersion + ' ' + string(oldObject.spec.replicas) + '>' + string(object.spec.replicas)",
      "' ' + request.kind.group + '/' + request.kind.version + ' ' + request.kind.kind",
      "' ' + request.requestKind.kind + ' ' + request.resource.resource + '/' + request.subResource",
      "(has(object.spec.color) || has(object.metadata.managedFields) ? ' parent' : '')",
    ];
    await enforce({
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'object.spec.replicas <= 3', messageExpression: shown.join(' + ') }],
    });
    const judged = '422 Scale autoscaling/v1 2>4 autoscaling/v1 Scale Scale widgets/scale';
    expect(told(await write(4))).toBe(judged);
    expect(told(await write(4, 'dryRun=All'))).toBe(judged);
    expect(told(await write(3))).toBe('200');
    const { json } = await ask({ url: `${parts}/w` });
    expect(objectAt(json, 'spec')).toMatchObject({ replicas: 3, color: 'red' });
  });

  test('KA-65, KA-137b has no labels that a policy could select it by', async () => {
    await make(parts, widget({ labels: { is: 'a' } }));
    await enforce({
      matchConstraints: { resourceRules: [rule], objectSelector: { matchLabels: { is: 'a' } } },
      validations: [{ expression: 'false' }],
    });
    expect(told(await (writes.put as (replicas: number) => Promise<TestResponse>)(4))).toBe('200');
  });

  test('KA-65, KA-135a is what a rule may change, and what it scales takes the change', async () => {
    const halve: AdmissionPlugin = {
      name: 'Halve',
      handles: ({ kind, objectVersion, resource, subresource }) =>
        kind === 'Scale' && objectVersion?.group === 'autoscaling' && `${resource}/${subresource}` === 'widgets/scale',
      mutate: ({ object }) => ({ ...object, spec: { replicas: Number(objectAt(object, 'spec').replicas) / 2 } }),
    };
    await using other = await startTestServer({ definitions: [widgets], admission: [halve] });
    const call = (request: TestRequest) => send(other.server.pipeline, { user: admin, ...request });
    await call({ method: 'POST', url: parts, body: widget() });
    const { status, json } = await call({ method: 'PUT', url: `${parts}/w/scale`, body: scale(8) });
    expect([status, json.kind, json.spec]).toEqual([200, 'Scale', { replicas: 4 }]);
    const parent = await call({ url: `${parts}/w` });
    expect(objectAt(parent.json, 'spec')).toEqual({ replicas: 4, color: 'red', size: 3 });
  });

  test('KA-65, KA-135 a rule that changes nothing leaves what is scaled what it is', async () => {
    const idle: AdmissionPlugin = {
      name: 'Idle',
      handles: ({ kind }) => kind === 'Scale',
      mutate: ({ object }) => object,
    };
    await using other = await startTestServer({ definitions: [widgets], admission: [idle] });
    const call = (request: TestRequest) => send(other.server.pipeline, { user: admin, ...request });
    await call({ method: 'POST', url: parts, body: widget() });
    expect((await call({ method: 'PUT', url: `${parts}/w/scale`, body: scale(8) })).status).toBe(200);
    const { json } = await call({ url: `${parts}/w` });
    expect([json.kind, json.spec]).toEqual(['Widget', { replicas: 8, color: 'red', size: 3 }]);
  });
});

test('KA-137b the server itself is not judged, so that no policy keeps it from starting', async () => {
  await enforce({ validations: [{ expression: 'false' }] });
  expect((await write('a')).status).toBe(422);
  expect((await write('a', {}, { user: systemUser })).status).toBe(201);
});

test('KA-137b policies do not judge policies', async () => {
  const everything = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] };
  await enforce({ matchConstraints: { resourceRules: [everything] }, validations: [{ expression: 'false' }] });
  expect((await write('a')).status).toBe(422);
  expect((await ask({ method: 'DELETE', url: `${admission}/validatingadmissionpolicies/p` })).status).toBe(200);
  expect((await write('a')).status).toBe(201);
});

const compileError = (expression: string, problem: string) =>
  `${JSON.stringify(expression)}: compilation failed: ERROR: <input>:1:1: ${problem}\n | ${expression}\n | ^`;

test('KA-137c expressions that do not compile, or give something else, are refused', async () => {
  const body = policyOf({
    matchConditions: [{ name: 'a', expression: 'variables.a' }],
    variables: [{ name: 'a', expression: 'nothing' }],
    validations: [{ expression: 'object.spec', messageExpression: 'authorizer' }, { expression: 'variables.b' }],
    auditAnnotations: [{ key: 'k', valueExpression: '3' }],
  });
  const answer = await ask({ method: 'POST', url: `${admission}/validatingadmissionpolicies`, body });
  const causes = objectsAt(objectAt(answer.json, 'details'), 'causes').map(
    ({ field, message }) => `${field}: ${message}`,
  );
  const undeclared = (name: string) => `undeclared reference to '${name}' (in container '')`;
  expect(causes).toEqual([
    `spec.matchConditions[0].expression: Invalid value: ${compileError('variables.a', undeclared('variables'))}`,
    `spec.variables[0].expression: Invalid value: ${compileError('nothing', undeclared('nothing'))}`,
    'spec.validations[0].expression: Invalid value: "object.spec": must evaluate to bool but got dyn',
    `spec.validations[0].messageExpression: Invalid value: ${compileError('authorizer', undeclared('authorizer'))}`,
    `spec.validations[1].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^`,
    'spec.auditAnnotations[0].valueExpression: Invalid value: "3": must evaluate to one of [string null_type] but got int',
  ]);
});

test('KA-137c the status tells what expressions get wrong about the kinds that are named', async () => {
  const deployments = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['*'] };
  await make(
    `${admission}/validatingadmissionpolicies`,
    policyOf({
      matchConstraints: { resourceRules: [deployments, configMaps] },
      variables: [{ name: 'replicas', expression: 'object.spec.replicas' }],
      validations: [{ expression: "variables.replicas > '1'" }, { expression: 'object.metadata.name == "a"' }],
    }),
  );
  const checked = await eventually(async () => {
    const { json } = await ask({ url: `${admission}/validatingadmissionpolicies/p` });
    return objectAt(json, 'status').typeChecking === undefined ? undefined : objectAt(json, 'status');
  });
  expect(checked).toEqual({
    observedGeneration: 1,
    typeChecking: {
      expressionWarnings: [
        {
          fieldRef: 'spec.validations[0].expression',
          warning:
            "apps/v1, Kind=Deployment: ERROR: <input>:1:20: found no matching overload for '_>_' applied to '(int, string)'\n | variables.replicas > '1'\n | ...................^\n",
        },
      ],
    },
  });
});
