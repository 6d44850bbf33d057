import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { post, put, remove, type Scenario, type Step, scenario, silently } from '../step.ts';
import { configMap, configMaps, object } from './objects.ts';

const admission = '/apis/admissionregistration.k8s.io/v1';
const policies = `${admission}/validatingadmissionpolicies`;
const bindings = `${admission}/validatingadmissionpolicybindings`;

const onConfigMaps = (more: JsonObject = {}): JsonObject => ({
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
  operations: ['*'],
  ...more,
});
const policy = (name: string, spec: JsonObject): JsonObject =>
  object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', name, {
    spec: { matchConstraints: { resourceRules: [onConfigMaps()] }, ...spec },
  });
/** Acts in the scenario's namespace only. */
const binding = (name: string, spec: JsonObject): JsonObject =>
  object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', name, {
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } } },
      ...spec,
    },
  });

const tried = (spec: JsonObject): Step => post(`${policies}?dryRun=All`, policy('tried', spec), { view: specOnly });
const rules = (...expressions: string[]): JsonObject => ({
  validations: expressions.map((expression) => ({ expression })),
});
const specOnly = (body: JsonValue): JsonValue => ((body as JsonObject).spec as JsonObject) ?? null;
const created = (body: JsonValue): JsonValue => ((body as JsonObject).metadata as JsonObject).name ?? null;

/** A policy that denies everything named `marker-NAME` beside what it says, so that it is known when it acts. */
const enforced = (name: string, spec: JsonObject, bound: JsonObject = {}): Step[] => {
  const marked = { expression: `object == null || object.metadata.name != 'marker-${name}'`, message: 'marked' };
  const validations = [marked, ...(spec.validations as JsonObject[])];
  return [
    silently(post(policies, policy(name, { ...spec, validations }))),
    silently(post(bindings, binding(name, bound))),
    post(`${configMaps}?dryRun=All`, configMap(`marker-${name}`), { until: ['code', 422] }),
  ];
};
const gone = (name: string): Step[] => [
  silently(remove(`${bindings}/${name}`)),
  silently(remove(`${policies}/${name}`)),
  silently(post(`${configMaps}?dryRun=All`, configMap(`marker-${name}`), { until: ['kind', 'ConfigMap'] })),
];
const make = (name: string, data?: JsonObject, more: JsonObject = {}): Step =>
  post(`${configMaps}?dryRun=All`, configMap(name, data, more), { view: created });

/** ValidatingAdmissionPolicies: which are refused, and how they deny. KA-137 */
export const policiesCorpus: readonly Scenario[] = [
  scenario(
    'policy-refused',
    tried(rules('object.')),
    tried(rules('object.spec.flag')),
    tried(rules('3')),
    tried(rules('nothing')),
    tried(rules('variables.a')),
    tried(rules('request.nothing')),
    tried(rules('params.x')),
    tried({ ...rules('params.x'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }),
    tried(rules("namespaceObject.metadata.labels['a'] == 'b'", 'namespaceObject.metadata.uid')),
    tried(rules("authorizer.group('').resource('pods').check('get').allowed()", 'authorizer.allowed()')),
    tried({ validations: [{ expression: 'true', messageExpression: '3' }] }),
    tried({ validations: [{ expression: 'true', messageExpression: "authorizer.path('/').check('get').reason()" }] }),
    tried({ validations: [{ expression: 'true', messageExpression: ' ', message: ' ' }] }),
    tried({ validations: [{ expression: 'true', message: 'a\nb', reason: 'Unauthorized' }] }),
    tried({ ...rules('variables.a == 1', "variables.a == 'x'"), variables: [{ name: 'a', expression: '1' }] }),
    tried({ ...rules('variables.b'), variables: [{ name: 'a', expression: 'variables.b' }] }),
    tried({ ...rules('variables.a.x == 1'), variables: [{ name: 'a', expression: 'request' }] }),
    tried({ ...rules('true'), matchConditions: [{ name: 'a', expression: 'variables.a' }] }),
    tried({ ...rules('true'), matchConditions: [{ name: 'a', expression: ' 3 ' }] }),
    tried({ auditAnnotations: [{ key: 'a', valueExpression: '3' }] }),
    tried({ auditAnnotations: [{ key: 'a', valueExpression: 'null' }] }),
    tried({ auditAnnotations: [{ key: 'a', valueExpression: ' nothing ' }] }),
    tried({}),
  ),
  scenario(
    'policy-denies',
    ...enforced('plain.recordings.io', {
      variables: [
        { name: 'broken', expression: 'object.data.missing' },
        { name: 'n', expression: 'object.metadata.name' },
      ],
      validations: [
        { expression: "variables.n != 'plain'" },
        { expression: "variables.n != 'said'", message: ' said ' },
        { expression: "variables.n != 'made'", messageExpression: "'made for ' + variables.n", reason: 'Forbidden' },
        { expression: "variables.n != 'lines'", messageExpression: "'a\\nb'", message: 'said' },
        { expression: "variables.n != 'empty'", messageExpression: "' '" },
        { expression: "variables.n != 'fails'", messageExpression: 'string(object.missing)' },
        { expression: "variables.n != 'large'", reason: 'RequestEntityTooLarge' },
        { expression: "variables.n != 'broken' || variables.broken == ''" },
        { expression: "variables.n != 'error' || object.data.missing == ''" },
        { expression: "variables.n != 'divides' || 1 / size(object.data) == 1" },
        {
          expression:
            "variables.n != 'cost' || [1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, a + b + c + d + e + f > 0))))))",
        },
      ],
    }),
    ...['good', 'plain', 'said', 'made', 'lines', 'empty', 'fails', 'large', 'cost'].map((name) => make(name)),
    make('broken'),
    make('broken', { missing: 'x' }),
    make('error'),
    make('divides', {}),
    ...gone('plain.recordings.io'),
  ),
  scenario(
    'policy-conditions',
    ...enforced('conditions.recordings.io', {
      matchConditions: [
        { name: 'fails', expression: "!object.metadata.name.startsWith('cond') || object.data.x == 'y'" },
        { name: 'spares', expression: "object.metadata.name != 'cond-spared'" },
      ],
      validations: [{ expression: "!object.metadata.name.startsWith('cond')" }],
    }),
    make('cond-spared'),
    make('cond-error'),
    make('cond-false', { x: 'z' }),
    make('cond-true', { x: 'y' }),
    ...gone('conditions.recordings.io'),
  ),
  scenario(
    'policy-params',
    ...enforced(
      'params.recordings.io',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'params == null || object.metadata.name != params.data.not' }],
      },
      { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    ),
    ...gone('params.recordings.io'),
    ...enforced(
      'unknown.recordings.io',
      {
        paramKind: { apiVersion: 'recordings.io/v1', kind: 'Nothing' },
        validations: [{ expression: 'true' }],
      },
      { paramRef: { name: 'limits', parameterNotFoundAction: 'Allow' } },
    ),
    ...gone('unknown.recordings.io'),
  ),
  scenario(
    'policy-warns',
    silently(post(policies, policy('warns.recordings.io', rules("object.metadata.name != 'warned'")))),
    silently(post(bindings, binding('warns.recordings.io', { validationActions: ['Warn', 'Audit'] }))),
    ...enforced('acts.recordings.io', { validations: [{ expression: 'true' }] }),
    make('warned'),
    ...gone('warns.recordings.io'),
    ...gone('acts.recordings.io'),
  ),
  scenario(
    'policy-changes',
    silently(post(configMaps, configMap('stored', { a: 'b' }))),
    ...enforced('changes.recordings.io', {
      validations: [
        { expression: "request.operation != 'UPDATE' || object.data == oldObject.data", message: 'data stay' },
        { expression: "request.operation != 'DELETE' || oldObject.metadata.name != 'stored'", message: 'stays' },
      ],
    }),
    put(`${configMaps}/stored?dryRun=All`, configMap('stored', { a: 'c' })),
    remove(`${configMaps}/stored`),
    ...gone('changes.recordings.io'),
    remove(`${configMaps}/stored?dryRun=All`, undefined, { view: () => null }),
  ),
];
