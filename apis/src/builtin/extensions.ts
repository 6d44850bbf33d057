import type { KubeObject, LabelSelector, Time } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

/** A schema as it stands in a CRD: plain data, checked by who reads it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface CustomResourceColumnDefinition {
  name: string;
  type: string;
  jsonPath: string;
  description?: string;
  format?: string;
  priority?: number;
}

export interface CustomResourceDefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: Record<string, never>;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: CustomResourceColumnDefinition[];
  selectableFields?: { jsonPath: string }[];
}

export interface CustomResourceDefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

/** KA-94, KA-95 */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: CustomResourceDefinitionNames;
    versions: CustomResourceDefinitionVersion[];
    conversion?: { strategy: 'None' | 'Webhook'; webhook?: unknown };
    preserveUnknownFields?: boolean;
  };
  status?: {
    acceptedNames?: CustomResourceDefinitionNames;
    storedVersions?: string[];
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason?: string;
      message?: string;
      lastTransitionTime?: Time;
    }[];
  };
}
export const CustomResourceDefinition: ResourceType<CustomResourceDefinition> = resourceType(
  'apiextensions.k8s.io',
  'v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  'Cluster',
);

export interface AdmissionRule {
  apiGroups: string[];
  apiVersions: string[];
  resources: string[];
  /** Absent: all names. */
  resourceNames?: string[];
  operations: ('CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | '*')[];
  scope?: 'Cluster' | 'Namespaced' | '*';
}

/** KA-137 */
export interface ValidatingAdmissionPolicy extends KubeObject {
  spec: {
    failurePolicy?: 'Fail' | 'Ignore';
    matchConstraints?: {
      matchPolicy?: 'Exact' | 'Equivalent';
      resourceRules?: AdmissionRule[];
      namespaceSelector?: LabelSelector;
      objectSelector?: LabelSelector;
    };
    matchConditions?: { name: string; expression: string }[];
    variables?: { name: string; expression: string }[];
    validations?: {
      expression: string;
      message?: string;
      messageExpression?: string;
      reason?: 'Forbidden' | 'Invalid' | 'RequestEntityTooLarge';
    }[];
    paramKind?: { apiVersion: string; kind: string };
  };
  status?: {
    observedGeneration?: number;
    typeChecking?: { expressionWarnings?: { fieldRef: string; warning: string }[] };
  };
}
export const ValidatingAdmissionPolicy: ResourceType<ValidatingAdmissionPolicy> = resourceType(
  'admissionregistration.k8s.io',
  'v1',
  'ValidatingAdmissionPolicy',
  'validatingadmissionpolicies',
  'Cluster',
);

export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  spec: {
    policyName: string;
    paramRef?: { name: string; parameterNotFoundAction: 'Allow' | 'Deny' };
    validationActions: ('Deny' | 'Warn' | 'Audit')[];
    matchResources?: { namespaceSelector?: LabelSelector; objectSelector?: LabelSelector };
  };
}
export const ValidatingAdmissionPolicyBinding: ResourceType<ValidatingAdmissionPolicyBinding> = resourceType(
  'admissionregistration.k8s.io',
  'v1',
  'ValidatingAdmissionPolicyBinding',
  'validatingadmissionpolicybindings',
  'Cluster',
);
