import type { MessageText, MessageTexts } from './text.ts';

const review: MessageText = {
  spec: 'The question.',
  status: 'The answer. Set by the server.',
};

const resourceRule: MessageText = {
  apiGroups: 'API groups of the resources; "" is core, "*" is all.',
  resourceNames: 'Names of the objects. Absent for all.',
  resources: 'Resources, such as "pods" or "pods/status"; "*" is all.',
  verbs: 'What may be done, such as "get" or "create"; "*" is everything.',
};

/** rbac.authorization.k8s.io/v1, authentication.k8s.io/v1, authorization.k8s.io/v1 and certificates.k8s.io/v1. */
export const authTexts: MessageTexts = {
  'rbac.v1.AggregationRule': {
    clusterRoleSelectors: 'Label selectors. Every ClusterRole that one of them matches adds its rules.',
  },
  'rbac.v1.ClusterRole': {
    aggregationRule: 'Builds the rules from those of other ClusterRoles. The rules are then overwritten by the server.',
    rules: 'The rights.',
  },
  'rbac.v1.ClusterRoleBinding': {
    roleRef: 'The ClusterRole that is granted. It cannot be changed.',
    subjects: 'Who gets the rights.',
  },
  'rbac.v1.PolicyRule': {
    ...resourceRule,
    nonResourceURLs:
      'Paths outside of resources, such as "/healthz"; "*" stands for the last part of a path. Only in ClusterRoles.',
  },
  'rbac.v1.Role': {
    rules: 'The rights.',
  },
  'rbac.v1.RoleBinding': {
    roleRef: 'The Role of this namespace, or the ClusterRole, that is granted. It cannot be changed.',
    subjects: 'Who gets the rights.',
  },
  'rbac.v1.RoleRef': {
    apiGroup: 'The group of the role: "rbac.authorization.k8s.io", also when absent.',
    kind: '"Role" or "ClusterRole".',
    name: 'The name of the role.',
  },
  'rbac.v1.Subject': {
    apiGroup:
      '"rbac.authorization.k8s.io" for users and groups, "" for service accounts. Follows from the kind when absent.',
    kind: '"User", "Group" or "ServiceAccount".',
    name: 'The name of the subject.',
    namespace: 'The namespace of a service account.',
  },
  'authentication.v1.BoundObjectReference': {
    apiVersion: 'The API version of the object.',
    kind: 'The kind of the object: "Pod", "Secret" or "Node".',
    name: 'The name of the object.',
    uid: 'The uid of the object.',
  },
  'authentication.v1.SelfSubjectReview': {
    status: 'Who the caller is. Set by the server.',
  },
  'authentication.v1.SelfSubjectReviewStatus': {
    userInfo: 'The caller, as the server knows them.',
  },
  'authentication.v1.TokenRequest': review,
  'authentication.v1.TokenRequestSpec': {
    audiences: 'Who is to accept the token. The API server itself when absent.',
    boundObjectRef: 'An object that the token dies with.',
    expirationSeconds:
      'For how many seconds the token is wanted. The server may give another time; one hour when absent.',
  },
  'authentication.v1.TokenRequestStatus': {
    expirationTimestamp: 'When the token expires.',
    token: 'The token.',
  },
  'authentication.v1.TokenReview': review,
  'authentication.v1.TokenReviewSpec': {
    audiences: 'Those on whose behalf the question is asked. The API server itself when absent.',
    token: 'The token.',
  },
  'authentication.v1.TokenReviewStatus': {
    audiences: 'Which of the audiences asked for the token is meant for.',
    authenticated: 'Whether the token is good.',
    error: 'Why the token could not be checked.',
    user: 'Whose the token is.',
  },
  'authentication.v1.UserInfo': {
    extra: 'More that the authenticator knows of the user.',
    groups: 'The groups that the user is in.',
    uid: 'Tells this user from others of the same name at other times.',
    username: 'The name of the user.',
  },
  'authorization.v1.FieldSelectorAttributes': {
    rawSelector: 'The field selector as the request has it.',
    requirements: 'The field selector taken apart; all of them hold.',
  },
  'authorization.v1.LabelSelectorAttributes': {
    rawSelector: 'The label selector as the request has it.',
    requirements: 'The label selector taken apart; all of them hold.',
  },
  'authorization.v1.LocalSubjectAccessReview': review,
  'authorization.v1.NonResourceAttributes': {
    path: 'The path of the request.',
    verb: 'The HTTP method in lower case.',
  },
  'authorization.v1.NonResourceRule': {
    nonResourceURLs: 'Paths; "*" stands for the last part of a path.',
    verbs: 'HTTP methods in lower case; "*" is all.',
  },
  'authorization.v1.ResourceAttributes': {
    fieldSelector: 'The field selector of a list, watch or deletion of many, which may narrow the question.',
    group: 'The API group; "" is core, "*" is all.',
    labelSelector: 'The label selector of a list, watch or deletion of many, which may narrow the question.',
    name: 'The name of the object. Empty for all.',
    namespace: 'The namespace. Empty for all namespaces, and for cluster-scoped resources.',
    resource: 'The resource, such as "pods"; "*" is all.',
    subresource: 'The subresource, such as "status". Empty for the resource itself.',
    verb: 'What is to be done, such as "get" or "create"; "*" is everything.',
    version: 'The API version; "*" is all.',
  },
  'authorization.v1.ResourceRule': resourceRule,
  'authorization.v1.SelfSubjectAccessReview': review,
  'authorization.v1.SelfSubjectAccessReviewSpec': {
    nonResourceAttributes:
      'The request, when it is for a path outside of resources. Either this or resourceAttributes.',
    resourceAttributes: 'The request, when it is for a resource. Either this or nonResourceAttributes.',
  },
  'authorization.v1.SelfSubjectRulesReview': review,
  'authorization.v1.SelfSubjectRulesReviewSpec': {
    namespace: 'The namespace that is asked about.',
  },
  'authorization.v1.SubjectAccessReview': review,
  'authorization.v1.SubjectAccessReviewSpec': {
    extra: 'More that the authenticator would know of the user.',
    groups: 'The groups that the user is in.',
    nonResourceAttributes:
      'The request, when it is for a path outside of resources. Either this or resourceAttributes.',
    resourceAttributes: 'The request, when it is for a resource. Either this or nonResourceAttributes.',
    uid: 'The uid of the user.',
    user: 'The name of the user. With groups alone, the question is about any member of them.',
  },
  'authorization.v1.SubjectAccessReviewStatus': {
    allowed: 'Whether it may be done.',
    denied: 'Whether it was refused for good, as opposed to not allowed by anybody.',
    evaluationError: 'What went wrong on the way to the answer, which may hold nevertheless.',
    reason: 'Why, for people to read.',
  },
  'authorization.v1.SubjectRulesReviewStatus': {
    evaluationError: 'What went wrong on the way, so that rules may be missing.',
    incomplete: 'Whether rules may be missing.',
    nonResourceRules: 'What the caller may do outside of resources. The order means nothing.',
    resourceRules: 'What the caller may do with resources. The order means nothing.',
  },
  'certificates.v1.CertificateSigningRequest': {
    spec: 'What is asked for, and by whom. It cannot be changed.',
    status: 'Whether it was approved, and the certificate.',
  },
  'certificates.v1.CertificateSigningRequestCondition': {
    lastTransitionTime: 'When the status last changed. Set by the server when absent.',
    lastUpdateTime: 'When the condition was last written.',
    message: 'The details, for people to read.',
    reason: 'Why, as one word in CamelCase.',
    status: '"True", "False" or "Unknown"; always "True" for Approved, Denied and Failed.',
    type: '"Approved", "Denied", "Failed", or one of the signer\'s own.',
  },
  'certificates.v1.CertificateSigningRequestSpec': {
    expirationSeconds:
      'For how many seconds the certificate is wanted, at least 600. The signer may give another time.',
    extra: 'More that the server knew of the requester. Set by the server.',
    groups: 'The groups of the requester. Set by the server.',
    request: 'The PKCS#10 request in PEM, in base64.',
    signerName: 'Who is to sign, such as "kubernetes.io/kube-apiserver-client". Decides what may be asked for.',
    uid: 'The uid of the requester. Set by the server.',
    usages: 'What the certificate is to be good for.',
    username: 'The name of the requester. Set by the server.',
  },
  'certificates.v1.CertificateSigningRequestStatus': {
    certificate: 'The certificate and its chain in PEM, in base64. Absent until the request is approved and signed.',
    conditions: 'What was decided.',
  },
  'meta.v1.FieldSelectorRequirement': {
    key: 'The field.',
    operator: 'How the field relates to the values: In, NotIn, Exists or DoesNotExist.',
    values: 'The values; empty for Exists and DoesNotExist.',
  },
};
