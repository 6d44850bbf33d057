import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { UserInfo } from '../../authn/authenticator.ts';
import { forbiddenObject } from '../../authz/forbidden.ts';
import { getStoredObject } from '../../authz/stored-object.ts';
import type { Store } from '../../cache/store.ts';
import { versionsOf } from '../../pipeline/write/kind-versions.ts';
import type { Registry } from '../../registry/registry.ts';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission.ts';
import { auditValues } from './audit.ts';
import { createEquivalents } from './equivalents.ts';
import { type Decision, evaluatePolicy, type PolicyResult } from './evaluate.ts';
import type { Equivalent, MatchWorld } from './match.ts';
import { paramsOf } from './params.ts';
import { type BoundPolicy, createPolicyReader, type StoredBinding, type StoredPolicy } from './policy-objects.ts';
import { requestVariables } from './request-variables.ts';

export interface PolicyWorld {
  readonly store: Pick<Store, 'get' | 'list' | 'stateOf'>;
  readonly registry: Registry;
  /** The server itself, as it sets things up: a policy must not keep it from starting. */
  readonly isServer: (user: UserInfo) => boolean;
}

/** Why a request is denied; `binding` absent: nothing can be told for any. */
interface Denial {
  readonly policy: StoredPolicy;
  readonly binding?: StoredBinding;
  readonly message: string;
  readonly reason: string;
}

const group = 'admissionregistration.k8s.io';
/** Policies do not judge policies: a mistake could not be taken back. */
const ownResources = new Set([
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);
/** Nor what is asked and not stored. */
const askedGroups = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/**
 * The ValidatingAdmissionPolicies of the API, by their bindings. All are evaluated; the first denial is told. KA-135, KA-137
 */
export function policyAdmission(world: PolicyWorld): AdmissionPlugin {
  const equivalents = createEquivalents(world.registry);
  const boundFor = createPolicyReader({ ...world, equivalents });
  const matchWorld: MatchWorld = {
    equivalents,
    namespaceLabels: (name) => world.store.get(namespaceKey(name))?.index.labels,
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: ({ user, group: of, resource }) =>
      !(of === group && ownResources.has(resource)) && !askedGroups.has(of) && !world.isServer(user),
    validate(attributes, context) {
      const denials = boundFor(attributes).flatMap((one) => judge(one, attributes, { ...world, matchWorld, context }));
      const [first] = denials;
      if (first !== undefined) throw denied(attributes, first);
    },
  };
}

interface JudgeWorld extends PolicyWorld {
  readonly matchWorld: MatchWorld;
  readonly context: AdmissionContext;
}

function judge({ policy, bindings }: BoundPolicy, attributes: AdmissionAttributes, world: JudgeWorld): Denial[] {
  const { context, matchWorld } = world;
  const as = policy.matcher.match(attributes, matchWorld);
  if (as === undefined) return [];
  const common = requestVariables({
    attributes,
    as,
    object: inForm(attributes.object, as, attributes, world),
    oldObject: inForm(attributes.oldObject, as, attributes, world),
    namespace: () => namespaceOf(attributes, world),
    authorizer: context.authorizer,
  });
  const results: PolicyResult[] = [];
  const denials: Denial[] = [];
  for (const binding of bindings) {
    if (binding.matcher.match(attributes, matchWorld) === undefined) continue;
    const found = paramsOf(policy, binding, attributes.namespace, world);
    if ('problem' in found) {
      if (policy.fails) denials.push(misconfigured(policy, binding, found));
      if (found.of === 'policy') break;
      continue;
    }
    for (const param of found.params) {
      const result = evaluatePolicy(policy.compiled(), common, param);
      results.push(result);
      denials.push(...enforce(policy, binding, result, context));
    }
  }
  for (const [key, value] of auditValues(policy.name, results)) context.audit?.(key, value);
  return denials;
}

function misconfigured(
  policy: StoredPolicy,
  binding: StoredBinding,
  { of, problem }: { readonly of: 'policy' | 'binding'; readonly problem: string },
): Denial {
  const message = `failed to configure ${of}: ${problem}`;
  return { policy, message, reason: '', ...(of === 'binding' ? { binding } : {}) };
}

/** Warns and notes as the binding says. @returns what denies */
function enforce(
  policy: StoredPolicy,
  binding: StoredBinding,
  { decisions, annotations }: PolicyResult,
  context: AdmissionContext,
): Denial[] {
  const denials: Denial[] = [];
  decisions.forEach((decision, index) => {
    const refusal = refusalOf(decision, policy);
    if (refusal === undefined) return;
    if (binding.actions.includes('Deny')) denials.push({ policy, binding, ...refusal });
    if (binding.actions.includes('Warn')) {
      context.warn(
        `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${refusal.message}`,
      );
    }
    if (binding.actions.includes('Audit')) {
      const failure: JsonObject = {
        message: refusal.message,
        policy: policy.name,
        binding: binding.name,
        expressionIndex: index,
        validationActions: [...binding.actions],
      };
      context.audit?.('validation.policy.admission.k8s.io/validation_failure', encodeJson([failure]));
    }
  });
  for (const annotation of annotations) {
    if ('error' in annotation && (annotation.always || policy.fails)) {
      denials.push({ policy, binding, message: annotation.error, reason: '' });
    }
  }
  return denials;
}

function refusalOf(decision: Decision, { fails }: StoredPolicy): Pick<Denial, 'message' | 'reason'> | undefined {
  switch (decision.type) {
    case 'admit':
      return undefined;
    case 'deny':
      return decision;
    case 'error':
      return fails ? { message: decision.message, reason: '' } : undefined;
    default:
      return decision satisfies never;
  }
}

/** A 422 unless the policy says otherwise, worded as Kubernetes words it. KA-137a */
function denied({ group: of, resource, name }: AdmissionAttributes, denial: Denial): ApiError {
  const { policy, binding, message, reason } = denial;
  const who = `ValidatingAdmissionPolicy '${policy.name}'${binding === undefined ? '' : ` with binding '${binding.name}'`}`;
  const text = `${who} denied request: ${message}`;
  const { message: whole = '', details } = forbiddenObject({ group: of, plural: resource }, name, text).status;
  return apiError((reason || StatusReason.Invalid) as StatusReason, whole, { ...details, causes: [{ message: text }] });
}

const namespaceKey = (name: string) => ({ resource: 'namespaces', namespace: '', name });

/** A namespace is in none. */
function namespaceOf(attributes: AdmissionAttributes, { store }: PolicyWorld): JsonObject | undefined {
  const isNamespace = attributes.group === '' && attributes.resource === 'namespaces';
  if (attributes.namespace === '' || isNamespace) return undefined;
  return getStoredObject(store, namespaceKey(attributes.namespace));
}

function inForm(
  object: JsonObject | undefined,
  as: Equivalent,
  { group: own, version, resource, objectVersion }: AdmissionAttributes,
  { registry }: PolicyWorld,
): JsonObject | undefined {
  if (object === undefined || objectVersion !== undefined || (as.group === own && as.version === version))
    return object;
  const definition = registry.get(own, resource);
  if (definition === undefined) return object;
  const versions = versionsOf({ server: { registry }, resource: { definition } });
  const apiVersion = as.group === '' ? as.version : `${as.group}/${as.version}`;
  return versions(apiVersion)?.convert(object) ?? { ...object, apiVersion };
}
