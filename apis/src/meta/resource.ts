import type { KubeObject } from './object.ts';

export type Scope = 'Namespaced' | 'Cluster';

/**
 * Names one resource of one API version, as a client or a router needs it. `T` is a phantom: the object type that
 * requests for this resource carry.
 */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: Scope;
  /** Never set; carries the type. */
  readonly $object?: T;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** `group/version`, or only `version` for the core group. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The inverse of {@link apiVersionOf}; undefined when it has more than one slash or an empty part. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } | undefined {
  const parts = apiVersion.split('/');
  const [first, second] = parts;
  if (first === undefined || first === '' || parts.length > 2) return undefined;
  if (second === undefined) return { group: '', version: first };
  return second === '' ? undefined : { group: first, version: second };
}

/** `plural.group`, or only `plural` for the core group: how Kubernetes writes a group resource in messages and names. */
export function groupResourceName(resource: { group: string; plural: string }): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
}

/** Declares a resource that has no zod schema here (Kubernetes' own kinds). */
export function resourceType<T extends KubeObject>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  scope: Scope,
): ResourceType<T> {
  return Object.freeze({ group, version, kind, plural, scope });
}
