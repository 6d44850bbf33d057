import type { MessageText, MessageTexts } from './text.ts';

const webhook: MessageText = {
  admissionReviewVersions:
    'Versions of AdmissionReview that the webhook understands, best first. "v1" must be among them.',
  clientConfig: 'How to reach the webhook.',
  failurePolicy: 'What to do when the webhook cannot be asked: "Fail" (also when absent) or "Ignore".',
  matchConditions: 'CEL conditions that must all be true for the webhook to be asked. At most 64.',
  matchPolicy:
    'Whether rules mean exactly the version they name ("Exact") or the same object in any version ("Equivalent", also when absent).',
  name: 'The name of the webhook: a domain name, unique in its configuration.',
  namespaceSelector: 'Asks only for objects in namespaces with such labels. All when absent.',
  objectSelector: 'Asks only for objects with such labels, before or after the change. All when absent.',
  rules: 'Which operations on which resources it is asked about.',
  sideEffects: 'Whether it changes anything elsewhere: "None", or "NoneOnDryRun" when it does not in a dry run.',
  timeoutSeconds: 'For how many seconds to wait for the answer, 1 to 30. 10 when absent.',
};

const matchCondition: MessageText = {
  expression: 'A CEL expression that says true or false.',
  name: 'The name of the condition, unique in its list.',
};

const rule: MessageText = {
  apiGroups: 'API groups; "" is core, "*" is all.',
  apiVersions: 'API versions; "*" is all.',
  resources: 'Resources, such as "pods" or "pods/status"; "*" is all without and "*/*" all with subresources.',
  scope: '"Cluster", "Namespaced", or "*" for both, also when absent.',
};

/** admissionregistration.k8s.io/v1. */
export const admissionTexts: MessageTexts = {
  'admissionregistration.v1.AuditAnnotation': {
    key: "The second half of the annotation's key; the first is the name of the policy.",
    valueExpression: 'A CEL expression for the text. No annotation is written when it says null or nothing.',
  },
  'admissionregistration.v1.ExpressionWarning': {
    fieldRef: 'The field with the expression, such as "spec.validations[0].expression".',
    warning: 'What is wrong with it, for the types that it may meet.',
  },
  'admissionregistration.v1.MatchCondition': matchCondition,
  'admissionregistration.v1.MatchResources': {
    excludeResourceRules: 'Operations on resources that are not meant, though resourceRules may name them.',
    matchPolicy: webhook.matchPolicy ?? '',
    namespaceSelector: 'Means only objects in namespaces with such labels. All when absent.',
    objectSelector: 'Means only objects with such labels, before or after the change. All when absent.',
    resourceRules: 'Operations on resources that are meant.',
  },
  'admissionregistration.v1.MutatingWebhook': {
    ...webhook,
    reinvocationPolicy:
      'Whether it is asked once more when a later webhook has changed the object: "IfNeeded", or "Never", also when absent.',
  },
  'admissionregistration.v1.MutatingWebhookConfiguration': {
    webhooks: 'The webhooks, and the objects that each is asked about.',
  },
  'admissionregistration.v1.NamedRuleWithOperations': {
    resourceNames: 'Names of the objects. Absent for all.',
  },
  'admissionregistration.v1.ParamKind': {
    apiVersion: 'The group and version of the parameter objects.',
    kind: 'The kind of the parameter objects.',
  },
  'admissionregistration.v1.ParamRef': {
    name: 'The name of the parameter object. Either this or selector.',
    namespace: 'Where to look for parameters of a namespaced kind. The namespace of the judged object when absent.',
    parameterNotFoundAction: 'What it means when there is none: "Allow" or "Deny".',
    selector: 'Chooses parameter objects by labels; the rules must hold for each. Either this or name.',
  },
  'admissionregistration.v1.Rule': rule,
  'admissionregistration.v1.RuleWithOperations': {
    operations: 'CREATE, UPDATE, DELETE, CONNECT, or "*" for all.',
  },
  'admissionregistration.v1.ServiceReference': {
    name: 'The name of the Service.',
    namespace: 'The namespace of the Service.',
    path: 'The path of the request. "/" when absent.',
    port: 'The port of the Service. 443 when absent.',
  },
  'admissionregistration.v1.TypeChecking': {
    expressionWarnings: 'What the check of the expressions found.',
  },
  'admissionregistration.v1.ValidatingAdmissionPolicy': {
    spec: 'The rules, and what they are about.',
    status: 'What became of the policy. Set by the server.',
  },
  'admissionregistration.v1.ValidatingAdmissionPolicyBinding': {
    spec: 'Which policy is in effect, where, and how.',
  },
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec': {
    matchResources: 'Narrows what the policy is about. Everything that the policy names when absent.',
    paramRef: 'The parameters of the policy.',
    policyName: 'The name of the policy.',
    validationActions: 'What a broken rule does: "Deny", "Warn", "Audit". Deny and Warn do not go together.',
  },
  'admissionregistration.v1.ValidatingAdmissionPolicySpec': {
    auditAnnotations: 'What is written to the audit log about each request.',
    failurePolicy: 'What to do when a rule cannot be worked out: "Fail" (also when absent) or "Ignore".',
    matchConditions: 'CEL conditions that must all be true for the rules to be applied. At most 64.',
    matchConstraints: 'What the policy is about.',
    paramKind: 'The kind of the objects that bindings may hand in as parameters.',
    validations: 'The rules.',
    variables: 'Named CEL expressions that rules use as variables.NAME. Later ones may use earlier ones.',
  },
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus': {
    conditions: 'What is known about the state of the policy.',
    observedGeneration: 'The generation that the status is about.',
    typeChecking: 'What a check of the expressions found. Absent until it was made.',
  },
  'admissionregistration.v1.ValidatingWebhook': webhook,
  'admissionregistration.v1.ValidatingWebhookConfiguration': {
    webhooks: 'The webhooks, and the objects that each is asked about.',
  },
  'admissionregistration.v1.Validation': {
    expression:
      'A CEL expression that must be true. It knows object, oldObject, request, params, namespaceObject, authorizer.',
    message: 'What the requester is told when it is not. One line.',
    messageExpression: 'A CEL expression for that text; message is used when it fails.',
    reason: 'The reason of the refusal, which decides the HTTP code. "Invalid" when absent.',
  },
  'admissionregistration.v1.Variable': {
    expression: 'A CEL expression for the value, worked out when first used.',
    name: 'The name of the variable.',
  },
  'admissionregistration.v1.WebhookClientConfig': {
    caBundle:
      "CA certificates in PEM, in base64, that the webhook's certificate must come from. The system's when absent.",
    service: 'The webhook as a Service. Either this or url.',
    url: 'The webhook as a URL with scheme https. Either this or service.',
  },
  'meta.v1.Condition': {
    lastTransitionTime: 'When the status last changed.',
    message: 'The details, for people to read.',
    observedGeneration: 'The generation of the object that the condition is about.',
    reason: 'Why, as one word in CamelCase.',
    status: '"True", "False" or "Unknown".',
    type: 'What is judged, in CamelCase.',
  },
  'meta.v1.LabelSelector': {
    '': 'Chooses objects by their labels. An empty one chooses all.',
    matchExpressions: 'Requirements on labels, all of which must hold.',
    matchLabels: 'Labels that an object must have with these values.',
  },
  'meta.v1.LabelSelectorRequirement': {
    key: 'The label.',
    operator: 'How the label relates to the values: In, NotIn, Exists or DoesNotExist.',
    values: 'The values; empty for Exists and DoesNotExist.',
  },
};
