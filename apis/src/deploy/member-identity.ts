import { ClusterProperty } from '../about.k8s.io/v1beta1/cluster-property.ts';
import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../builtin/extensions.ts';
import type { ClusterRole } from '../builtin/rbac.ts';
import { managedByValue } from '../constants/identity.ts';
import { label, propertyName } from '../constants/labels.ts';
import { apiVersionOf } from '../meta/resource.ts';

const name = 'cluster-identity.quarterdeck.dev';
const metadata = { name, labels: { [label.managedBy]: managedByValue } };
const { clusterId, clusterSet } = propertyName;

/**
 * On a member: while the cluster is in a ClusterSet, which the property of that name says, nobody changes or deletes its id,
 * and its set changes only by leaving and joining. Whoever must change the id lets the cluster leave first. AB-12, AB-21, AB-30
 */
const policy: ValidatingAdmissionPolicy = {
  apiVersion: apiVersionOf(ValidatingAdmissionPolicy),
  kind: ValidatingAdmissionPolicy.kind,
  metadata,
  spec: {
    failurePolicy: 'Fail',
    // There is something to keep only while this object exists; see the binding.
    paramKind: { apiVersion: apiVersionOf(ClusterProperty), kind: ClusterProperty.kind },
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [ClusterProperty.group],
          apiVersions: ['*'],
          resources: [ClusterProperty.plural],
          resourceNames: [clusterId, clusterSet],
          operations: ['UPDATE', 'DELETE'],
          scope: '*',
        },
      ],
    },
    validations: [
      {
        expression: `request.operation != 'DELETE' || request.name != '${clusterId}'`,
        message: `the cluster is a member of a ClusterSet: its id stays until it has left; see the ClusterProperty ${clusterSet}`,
        reason: 'Forbidden',
      },
      {
        expression: "request.operation != 'UPDATE' || object.?spec.?value == oldObject.?spec.?value",
        message: `the cluster is a member of a ClusterSet: its id and its set do not change until it has left; see the ClusterProperty ${clusterSet}`,
        reason: 'Forbidden',
      },
    ],
  },
};

const binding: ValidatingAdmissionPolicyBinding = {
  apiVersion: apiVersionOf(ValidatingAdmissionPolicyBinding),
  kind: ValidatingAdmissionPolicyBinding.kind,
  metadata,
  spec: {
    policyName: name,
    paramRef: { name: clusterSet, parameterNotFoundAction: 'Allow' },
    validationActions: ['Deny'],
  },
};

const role = (roleName: string, verbs: string[], more: Record<string, string> = {}): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: roleName, labels: { ...metadata.labels, ...more } },
  rules: [{ apiGroups: [ClusterProperty.group], resources: [ClusterProperty.plural], verbs }],
});

/**
 * For the people and programs of a member: reading properties comes with Kubernetes' own `view`, so workloads can be let read
 * and no more; writing them is a role of its own, that nobody has before it is bound. AB-32
 */
const roles: readonly ClusterRole[] = [
  role('quarterdeck:clusterproperty-viewer', ['get', 'list', 'watch'], {
    'rbac.authorization.k8s.io/aggregate-to-view': 'true',
  }),
  role('quarterdeck:clusterproperty-editor', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']),
];

export const memberIdentity = [policy, binding, ...roles] as const;
