import { hubUserName } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { definePolicy } from './policy.ts';

/**
 * A Work is applied where the namespace says: that of a member. Anywhere else it lies unread, without a condition that would
 * say so, hence a warning when it is made. No refusal: other agents may read other namespaces. WK-2
 */
export const workNamespaces = definePolicy({
  name: 'work-namespaces.quarterdeck.dev',
  action: 'Warn',
  rules: [{ apiGroups: ['multicluster.x-k8s.io'], apiVersions: ['*'], resources: ['works'], operations: ['CREATE'] }],
  matchConditions: [{ name: 'not-by-the-hub', expression: `request.userInfo.username != '${hubUserName}'` }],
  validations: [
    {
      expression: `'${label.memberCluster}' in namespaceObject.metadata.?labels.orValue({})`,
      message: 'the namespace belongs to no member cluster, so no agent applies this Work',
      messageExpression:
        "'the namespace ' + request.namespace + ' belongs to no member cluster, so no agent applies this Work; status.namespace of a MemberCluster names its own'",
    },
  ],
});
