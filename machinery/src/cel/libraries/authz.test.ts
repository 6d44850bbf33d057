import { expect, test } from 'vitest';
import { CelEvaluationError } from '../errors.ts';
import type { CelAttributes, CelAuthorizer, CelDecision } from './authorizer.ts';
import { authorizerValue, requestResourceValue } from './authz.ts';
import { authorizerType, resourceCheckType } from './authz-values.ts';
import { kubernetesCelEnvironment } from './kubernetes.ts';

const environment = kubernetesCelEnvironment();
const user = { name: 'alice', uid: '42', groups: ['devs'], extra: { team: ['blue'] } };
const pod = { group: '', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' };

function evaluate(source: string, decision: CelDecision) {
  const asked: CelAttributes[] = [];
  const authorizer: CelAuthorizer = {
    authorize: (attributes) => {
      asked.push(attributes);
      return decision;
    },
  };
  const variables = { authorizer: authorizerType, 'authorizer.requestResource': resourceCheckType };
  const compiled = environment.compile(source, { variables });
  if (!compiled.ok) throw new Error(compiled.problem);
  const { value } = compiled.program.evaluate({
    authorizer: authorizerValue(authorizer, user),
    'authorizer.requestResource': requestResourceValue(authorizer, user, pod),
  });
  return { value, asked };
}

const allowed: CelDecision = { allowed: true, reason: 'because' };

test.each<{ source: string; asked: CelAttributes }>([
  {
    source: "authorizer.path('/healthz').check('get').allowed()",
    asked: { user, verb: 'get', path: '/healthz' },
  },
  {
    source: "authorizer.group('apps').resource('deployments').check('list').allowed()",
    asked: {
      user,
      verb: 'list',
      group: 'apps',
      version: '*',
      resource: 'deployments',
      subresource: '',
      namespace: '',
      name: '',
    },
  },
  {
    source: "authorizer.requestResource.check('create').allowed()",
    asked: { user, verb: 'create', version: '*', ...pod },
  },
  {
    source: "authorizer.requestResource.fieldSelector('a=b').labelSelector('z,a=b').check('list').allowed()",
    asked: {
      user,
      verb: 'list',
      version: '*',
      ...pod,
      fieldSelector: { requirements: [{ field: 'a', operator: '=', value: 'b' }] },
      labelSelector: {
        requirements: [
          { key: 'a', operator: '=', values: ['b'] },
          { key: 'z', operator: 'exists', values: [] },
        ],
      },
    },
  },
])('KA-102 KA-137 the authorizer is asked what the expression says: $source', ({ source, asked }) => {
  expect(evaluate(source, allowed)).toEqual({ value: true, asked: [asked] });
});

test('KA-102 a selector that cannot be read is passed on as a problem', () => {
  const { asked } = evaluate("authorizer.requestResource.labelSelector('x in (').check('get').allowed()", allowed);
  expect(asked).toMatchObject([{ labelSelector: { problem: expect.any(String) } }]);
});

test('KA-102 a service account is asked for by its own name and groups', () => {
  const { asked } = evaluate("authorizer.serviceAccount('ns', 'robot').path('/x').check('get').allowed()", allowed);
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:ns'];
  expect(asked).toEqual([{ user: { name: 'system:serviceaccount:ns:robot', groups }, verb: 'get', path: '/x' }]);
});

test.each<{ source: string; decision: CelDecision; want: string | boolean }>([
  { source: 'd.allowed()', decision: { allowed: false, reason: 'no' }, want: false },
  { source: 'd.reason()', decision: { allowed: false, reason: 'no' }, want: 'no' },
  { source: 'd.errored()', decision: { allowed: false, reason: '', error: 'broken' }, want: true },
  { source: 'd.error()', decision: { allowed: false, reason: '', error: 'broken' }, want: 'broken' },
  { source: 'd.error()', decision: allowed, want: '' },
])('KA-102 a decision tells: $source is $want', ({ source, decision, want }) => {
  expect(evaluate(source.replace('d', "authorizer.path('/').check('get')"), decision).value).toBe(want);
});

test.each([
  ["authorizer.path(' ').check('get').allowed()", 'path must not be empty'],
  ["authorizer.group('').resource('').check('get').allowed()", 'resource must not be empty'],
  ["authorizer.serviceAccount('ns', 'A').path('/').check('get').allowed()", 'Invalid service account name'],
  ["authorizer.serviceAccount('N', 'a').path('/').check('get').allowed()", 'Invalid service account namespace'],
  ['authorizer == authorizer', 'no such overload'],
])('KA-102 %s is refused: %s', (source, problem) => {
  expect(() => evaluate(source, allowed)).toThrow(CelEvaluationError);
  expect(() => evaluate(source, allowed)).toThrow(problem);
});
