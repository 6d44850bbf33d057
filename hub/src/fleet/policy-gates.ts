import { allPolicies, isMatched, type PolicyRequest, policyDenial } from '@quarterdeck/apis';
import type { AdmissionAttributes, AdmissionPlugin } from '@quarterdeck/apiserver';

/**
 * The fleet's admission policies on a server without a CEL engine: each policy's twin, in the slot where policies run. On a
 * Kubernetes hub the same rules are installed as ValidatingAdmissionPolicies. DL-32
 */
export const policyGates: AdmissionPlugin = {
  name: 'quarterdeck-policies',
  handles: (attributes) => allPolicies.some((policy) => isMatched(policy, requestOf(attributes))),
  validate(attributes, { authorizer }) {
    const request = requestOf(attributes);
    for (const policy of allPolicies) {
      if (!isMatched(policy, request)) continue;
      const refusal = policy.twin(
        request,
        (right) =>
          authorizer.authorize({ ...right, user: attributes.user, version: '*', subresource: '', namespace: '' })
            .allowed,
      );
      if (refusal !== undefined) throw policyDenial(policy, request, refusal);
    }
  },
};

function requestOf({
  operation,
  group,
  resource,
  subresource,
  name,
  user,
  object,
  oldObject,
}: AdmissionAttributes): PolicyRequest {
  return {
    operation,
    group,
    resource,
    subresource,
    name,
    user: { name: user.name, groups: [...user.groups] },
    object,
    oldObject,
  };
}
