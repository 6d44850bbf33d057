import type { KubeObject, OwnerReference, Stored } from '@quarterdeck/apis';
import { equalParts } from './equal.ts';

export function hasFinalizer(object: KubeObject, name: string): boolean {
  return object.metadata.finalizers?.includes(name) === true;
}

export function withFinalizer<T extends KubeObject>(object: T, name: string): T {
  return { ...object, metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), name] } };
}

export function withoutFinalizer<T extends KubeObject>(object: T, name: string): T {
  const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== name);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

/** False where nothing but the status, or who wrote what when, is another. Of kinds with a status subresource. */
export function isMoreThanStatus({ metadata: now }: KubeObject, { metadata: old }: KubeObject): boolean {
  return (
    now.generation !== old.generation ||
    now.deletionTimestamp !== old.deletionTimestamp ||
    !equalParts(now.finalizers, old.finalizers) ||
    !equalParts(now.labels, old.labels) ||
    !equalParts(now.annotations, old.annotations)
  );
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** True when every wanted pair is there with its value. */
export function hasAll(
  have: Readonly<Record<string, string>> | undefined,
  want: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(want).every(([key, value]) => have?.[key] === value);
}

export function controllerReference(owner: Stored<KubeObject>): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
