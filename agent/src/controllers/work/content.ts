import { annotation, type KubeObject } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { onlyPaths, withoutPaths } from './field-paths.ts';
import { contentHash, type ReadManifest } from './manifest.ts';
import { appliedBy, lostFields, type Path } from './owned-fields.ts';

/** What is sent of a manifest in view of the live object. DL-3 */
export interface Content {
  readonly content: JsonObject;
  /** Of the values that are sent again when they change; undefined when there are none. */
  readonly onChangeHash: string | undefined;
  /** Values that changed on the hub and are sent although the member may hold others. */
  readonly isResent: boolean;
}

/**
 * Leaves out the fields that the policy ignores: some always, some unless the object is made now, some unless the manifest's
 * value is new. Pure. DL-3
 * @param live undefined when the object is not there
 */
export function contentOf(manifest: ReadManifest, live: KubeObject | undefined): Content {
  const { ignoredFields } = manifest.policy;
  if (ignoredFields.length === 0) return { content: manifest.object, onChangeHash: undefined, isResent: false };
  const paths = (mode: string) => ignoredFields.filter((field) => field.mode === mode).map(({ path }) => path);
  const onChange = onlyPaths(manifest.object, paths('OnChange'));
  const onChangeHash = onChange === undefined ? undefined : contentHash(onChange);
  const isResent =
    onChangeHash !== undefined &&
    live !== undefined &&
    live.metadata.annotations?.[annotation.onChangeHash] !== onChangeHash;
  const left = live === undefined ? paths('Never') : [...paths('Never'), ...paths('AtCreation')];
  const out = live === undefined || isResent ? left : [...left, ...paths('OnChange')];
  return { content: withoutPaths(manifest.object, out), onChangeHash, isResent };
}

/**
 * Fields that are left out of the content although our manager holds them on the live object: to leave them out would remove
 * them, so they are handed to another manager first. Undefined when there are none. DL-3
 */
export function toHandOver(
  { policy }: ReadManifest,
  content: JsonObject,
  live: KubeObject,
  fieldManager: string,
): JsonObject | undefined {
  const object = live as unknown as JsonObject;
  const owned = appliedBy(live, fieldManager);
  const isOurs = (path: Path) => {
    const value = onlyPaths(object, [path]);
    return value !== undefined && lostFields(value, owned).length === 0;
  };
  const isSent = (path: Path) => onlyPaths(content, [path]) !== undefined;
  const paths = policy.ignoredFields.map(({ path }) => path).filter((path) => !isSent(path) && isOurs(path));
  return paths.length === 0 ? undefined : onlyPaths(object, paths);
}
