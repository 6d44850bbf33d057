import {
  type AdmissionRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../builtin/extensions.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { type ApiError, apiError } from '../meta/api-error.ts';
import { apiVersionOf, groupResourceName } from '../meta/resource.ts';

/** What is about to be written, as admission sees it: after defaulting, before it is stored. KA-135 */
export interface PolicyRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly group: string;
  readonly resource: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  readonly name: string;
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  /** Undefined on DELETE. */
  readonly object: unknown;
  /** Undefined on CREATE. */
  readonly oldObject: unknown;
}

/** A right that a policy asks for beside the request's own verb, always on one named cluster-scoped object. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

export interface Refusal {
  readonly reason: 'Forbidden' | 'Invalid';
  readonly message: string;
}

/**
 * What a policy says, in TypeScript: the same verdict and message as its CEL, for servers without a CEL engine.
 * Called only for requests that the policy's rules match. Pure but for `may`, which asks the authorizer about the
 * requesting user.
 */
export type PolicyTwin = (request: PolicyRequest, may: (right: Right) => boolean) => Refusal | undefined;

/** An admission rule beyond the schema: the objects to install on a Kubernetes hub, and the twin. DL-32 */
export interface Policy {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
  readonly twin: PolicyTwin;
}

interface PolicyInput {
  readonly name: string;
  readonly rules: AdmissionRule[];
  readonly matchConditions?: { name: string; expression: string }[];
  /** Evaluated when used; later ones may use earlier ones. */
  readonly variables?: { name: string; expression: string }[];
  readonly validations: NonNullable<ValidatingAdmissionPolicy['spec']['validations']>;
  readonly twin: PolicyTwin;
}

/** Declares a policy with its binding. What it cannot evaluate it refuses: these are gates. */
export function definePolicy({ name, rules, matchConditions, variables, validations, twin }: PolicyInput): Policy {
  const metadata = { name, labels: { [label.managedBy]: managedByValue } };
  return {
    policy: {
      apiVersion: apiVersionOf(ValidatingAdmissionPolicy),
      kind: ValidatingAdmissionPolicy.kind,
      metadata,
      spec: {
        failurePolicy: 'Fail',
        // The scope is what a server would fill in: left out, every apply would look like a change.
        matchConstraints: { resourceRules: rules.map((rule) => ({ ...rule, scope: '*' })) },
        ...(matchConditions === undefined ? {} : { matchConditions }),
        ...(variables === undefined ? {} : { variables }),
        validations,
      },
    },
    binding: {
      apiVersion: apiVersionOf(ValidatingAdmissionPolicyBinding),
      kind: ValidatingAdmissionPolicyBinding.kind,
      metadata,
      spec: { policyName: name, validationActions: ['Deny'] },
    },
    twin,
  };
}

/** Whether the policy's rules name the resource and operation. Match conditions are the twin's business. */
export function isMatched({ policy }: Policy, request: PolicyRequest): boolean {
  const resource = request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`;
  const rules = policy.spec.matchConstraints?.resourceRules ?? [];
  return rules.some(
    ({ apiGroups, resources, operations }) =>
      apiGroups.includes(request.group) && resources.includes(resource) && operations.includes(request.operation),
  );
}

/** The answer to a refused request, worded as Kubernetes words the denial of a policy. KA-137 */
export function policyDenial(
  { policy, binding }: Policy,
  request: PolicyRequest,
  { reason, message }: Refusal,
): ApiError {
  const { group, resource, name } = request;
  const target = groupResourceName({ group, plural: resource });
  const who = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const denial = `${who} denied request: ${message}`;
  return apiError(reason, `${target} "${name}" is forbidden: ${denial}`, {
    name,
    ...(group === '' ? {} : { group }),
    kind: resource,
    causes: [{ message: denial }],
  });
}
