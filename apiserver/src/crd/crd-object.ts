import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { objectAt, objectsAt, stringAt, stringsAt, valueAt } from '../registry/fields.ts';

/** Typed reads of a CustomResourceDefinition, and the words it is written in. KA-94, KA-95 */

export const crdGroup = 'apiextensions.k8s.io';
export const crdPlural = 'customresourcedefinitions';
/** The name storage knows CRDs by. */
export const crdResource = `${crdPlural}.${crdGroup}`;

/** Holds a deleted CRD until its instances are gone. KA-95 */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export const crdCondition = {
  namesAccepted: 'NamesAccepted',
  established: 'Established',
  terminating: 'Terminating',
  approvalConformant: 'KubernetesAPIApprovalPolicyConformant',
} as const;

export interface Names {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** Names under `spec.names` or `status.acceptedNames`; empty where absent. */
export function namesAt(crd: JsonObject, ...path: readonly string[]): Names {
  const names = objectAt(crd, ...path);
  return {
    plural: stringAt(names, 'plural'),
    singular: stringAt(names, 'singular'),
    kind: stringAt(names, 'kind'),
    listKind: stringAt(names, 'listKind'),
    shortNames: stringsAt(names, 'shortNames'),
    categories: stringsAt(names, 'categories'),
  };
}

export const crdName = (crd: JsonObject): string => stringAt(crd, 'metadata', 'name');
export const groupOf = (crd: JsonObject): string => stringAt(crd, 'spec', 'group');
export const versionsOf = (crd: JsonObject): readonly JsonObject[] => objectsAt(crd, 'spec', 'versions');
export const isTerminating = (crd: JsonObject): boolean => valueAt(crd, 'metadata', 'deletionTimestamp') !== undefined;

/** The OpenAPI v3 schema of a version; undefined when it has none. */
export function schemaOf(version: JsonObject): JsonObject | undefined {
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  return isJsonObject(schema) ? schema : undefined;
}

/** The name of the version that instances are stored in; undefined when none is marked. */
export function storageVersionOf(crd: JsonObject): string | undefined {
  const version = versionsOf(crd).find((candidate) => candidate.storage === true);
  return version === undefined ? undefined : stringAt(version, 'name');
}

export function conditionOf(crd: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(crd, 'status', 'conditions').find((condition) => condition.type === type);
}

export const isConditionTrue = (crd: JsonObject, type: string): boolean => conditionOf(crd, type)?.status === 'True';

/** Groups that belong to the Kubernetes community and need its approval. KA-94 */
export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

/** The part of every version under this key, when all versions say the same; undefined otherwise. */
export function sharedPart(crd: JsonObject, key: string): JsonValue | undefined {
  const [first, ...others] = versionsOf(crd).map((version) => getOwn(version, key));
  return others.every((part) => equalValues(part, first)) ? first : undefined;
}

/** Groups of kinds that every server has: a CRD cannot add to them, or its deletion could reach built-in objects. */
export const builtinGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'events.k8s.io',
  'rbac.authorization.k8s.io',
]);
