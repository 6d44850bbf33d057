import { dns1123LabelProblems, dns1123SubdomainProblems } from '../../schema/names.ts';
import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, FunctionDeclaration, Overload } from '../library.ts';
import { addRanges, CostFactor, fixed, type Range, scaleRange } from '../size.ts';
import { boolType, type CelType, stringType } from '../types.ts';
import type { CelValue } from '../values.ts';
import type { CelAuthorizer, CelDecision, CelUser } from './authorizer.ts';
import {
  AuthorizerValue,
  authorizerType,
  DecisionValue,
  decisionType,
  GroupCheckValue,
  groupCheckType,
  PathCheckValue,
  pathCheckType,
  ResourceCheckValue,
  type ResourceScope,
  resourceCheck,
  resourceCheckType,
} from './authz-values.ts';
import { accessorCost, declare, member, noSuchOverload, sizeOfFirst, textOf } from './declare.ts';
import { sizeOfValue } from './list-costs.ts';

/** The value of `authorizer`: what `user` may do. */
export function authorizerValue(authorizer: CelAuthorizer, user: CelUser): CelValue {
  return new AuthorizerValue(authorizer, user);
}

/** The value of `authorizer.requestResource`: what `user` may do with the resource of a request. */
export function requestResourceValue(
  authorizer: CelAuthorizer,
  user: CelUser,
  request: { group: string; resource: string; subresource: string; namespace: string; name: string },
): CelValue {
  const group = new GroupCheckValue(new AuthorizerValue(authorizer, user), request.group);
  const { resource, subresource, namespace, name } = request;
  return resourceCheck(group, resource).with({ subresource, namespace, name });
}

type Call = Overload['call'];

const builder = (id: string, params: CelType[], result: CelType, call: Call) =>
  member(id, params, result, { call, cost: accessorCost });

function instance<T>(kind: new (...args: never[]) => T, value: CelValue | undefined): T {
  if (value instanceof kind) return value;
  throw noSuchOverload();
}

const narrowing = (name: string, id: string, field: keyof ResourceScope): FunctionDeclaration =>
  declare(
    name,
    builder(id, [resourceCheckType, stringType], resourceCheckType, ([check, text]) =>
      instance(ResourceCheckValue, check).with({ [field]: textOf(text) }),
    ),
  );

const reading = (name: string, result: CelType, read: (decision: CelDecision) => CelValue): FunctionDeclaration =>
  declare(
    name,
    builder(`decision_${name}`, [decisionType], result, ([value]) => read(instance(DecisionValue, value).decision)),
  );

/** A check is dear: an expression has the budget for two. */
const checkCost = { estimate: () => ({ cost: fixed(350_000) }), actual: () => 350_000 };

/** Asking what the user of a request may do: since Kubernetes 1.27. Only where `authorizer` is declared. KA-102, KA-137 */
export const authzLibrary: CelLibrary = {
  name: 'kubernetes.authz',
  functions: [
    declare(
      'path',
      builder('authorizer_path', [authorizerType, stringType], pathCheckType, ([authorizer, path]) => {
        requireText('path', textOf(path));
        return new PathCheckValue(instance(AuthorizerValue, authorizer), textOf(path));
      }),
    ),
    declare(
      'group',
      builder(
        'authorizer_group',
        [authorizerType, stringType],
        groupCheckType,
        ([authorizer, group]) => new GroupCheckValue(instance(AuthorizerValue, authorizer), textOf(group)),
      ),
    ),
    declare(
      'serviceAccount',
      builder(
        'authorizer_serviceaccount',
        [authorizerType, stringType, stringType],
        authorizerType,
        ([authorizer, namespace, name]) =>
          asServiceAccount(instance(AuthorizerValue, authorizer), textOf(namespace), textOf(name)),
      ),
    ),
    declare(
      'resource',
      builder('groupcheck_resource', [groupCheckType, stringType], resourceCheckType, ([group, resource]) => {
        requireText('resource', textOf(resource));
        return resourceCheck(instance(GroupCheckValue, group), textOf(resource));
      }),
    ),
    narrowing('subresource', 'resourcecheck_subresource', 'subresource'),
    narrowing('namespace', 'resourcecheck_namespace', 'namespace'),
    narrowing('name', 'resourcecheck_name', 'name'),
    declare(
      'check',
      member('pathcheck_check', [pathCheckType, stringType], decisionType, {
        call: ([check, verb]) => instance(PathCheckValue, check).check(textOf(verb)),
        cost: checkCost,
      }),
      member('resourcecheck_check', [resourceCheckType, stringType], decisionType, {
        call: ([check, verb]) => instance(ResourceCheckValue, check).check(textOf(verb)),
        cost: checkCost,
      }),
    ),
    reading('errored', boolType, ({ error }) => error !== undefined),
    reading('error', stringType, ({ error }) => error ?? ''),
    reading('allowed', boolType, ({ allowed }) => allowed),
    reading('reason', stringType, ({ reason }) => reason),
  ],
};

/** A list of requirements, a walk over the text, and a structure for every two characters at most. */
function selectorCost(size: Range): Range {
  const perRequirement = CostFactor.createList + CostFactor.createStruct;
  const requirements = scaleRange(scaleRange(size, 0.5), perRequirement);
  return addRanges(addRanges(fixed(CostFactor.createList), scaleRange(size, CostFactor.string)), requirements);
}

const selecting = (name: 'fieldSelector' | 'labelSelector'): FunctionDeclaration =>
  declare(
    name,
    member(`authorizer_${name.toLowerCase()}`, [resourceCheckType, stringType], resourceCheckType, {
      call: ([check, text]) => instance(ResourceCheckValue, check).with({ [name]: textOf(text) }),
      cost: {
        estimate: (estimator, _target, args) => ({ cost: selectorCost(sizeOfFirst(estimator, undefined, args)) }),
        actual: ([, text]) => selectorCost(fixed(sizeOfValue(text))).max,
      },
    }),
  );

/** Narrowing a check by selectors: since Kubernetes 1.31. KA-102 */
export const authzSelectorsLibrary: CelLibrary = {
  name: 'kubernetes.authzSelectors',
  functions: [selecting('fieldSelector'), selecting('labelSelector')],
};

function requireText(name: string, text: string): void {
  if (text.trim() === '') throw new CelEvaluationError(`${name} must not be empty`);
}

function asServiceAccount({ authorizer }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (dns1123SubdomainProblems(name).length > 0) throw new CelEvaluationError('Invalid service account name');
  if (dns1123LabelProblems(namespace).length > 0) throw new CelEvaluationError('Invalid service account namespace');
  return new AuthorizerValue(authorizer, {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  });
}
