import {
  type AdmissionRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../builtin/extensions.ts';
import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { apiVersionOf } from '../meta/resource.ts';

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

/** An admission rule beyond the schema, as the objects to install on a hub. DL-32, KA-137 */
export interface Policy {
  readonly policy: ValidatingAdmissionPolicy;
  readonly binding: ValidatingAdmissionPolicyBinding;
}

interface PolicyInput {
  readonly name: string;
  /** What becomes of a request that a validation fails. Absent: it is refused. */
  readonly action?: 'Deny' | 'Warn';
  readonly rules: AdmissionRule[];
  readonly matchConditions?: { name: string; expression: string }[];
  /** Evaluated when used; later ones may use earlier ones. */
  readonly variables?: { name: string; expression: string }[];
  readonly validations: NonNullable<ValidatingAdmissionPolicy['spec']['validations']>;
}

/** Declares a policy with its binding. What one that denies cannot evaluate it refuses: these are gates. */
export function definePolicy(input: PolicyInput): Policy {
  const { name, action = 'Deny', rules, matchConditions, variables, validations } = input;
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
      spec: { policyName: name, validationActions: [action] },
    },
  };
}
