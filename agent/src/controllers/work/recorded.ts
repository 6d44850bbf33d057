import {
  type AppliedResource,
  type AppliedWork,
  annotation,
  ignoreNotFound,
  isForbidden,
  type KubeObject,
  label,
  labelValueOf,
  policyAnnotation,
  type ResourceType,
  type Stored,
} from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { ContainerContext } from './foreign-content.ts';
import { isContainerKind, ownersOf } from './marks.ts';

/** A journal entry and the object that it is about, if that is still there. */
export interface Recorded {
  readonly type: ResourceType | undefined;
  /** Only what a withdrawal goes by: see {@link outlineOf}. Undefined: gone, or another object under the same name. */
  readonly live: Stored<KubeObject> | undefined;
  /** The executor may not even look at it, any more. DL-30 */
  readonly refused?: string;
}

export async function readRecorded(
  { memberClient, signal, applied }: Pick<ContainerContext, 'memberClient' | 'signal' | 'applied'>,
  entry: AppliedResource,
): Promise<Recorded> {
  const type = typeOf(entry);
  if (type === undefined) return { type, live: undefined }; // it never had a name that could be applied
  try {
    const live = await ignoreNotFound(memberClient.get(type, refOf(entry), { signal }));
    return { type, live: live !== undefined && isRecorded(live, entry, applied) ? outlineOf(live, type) : undefined };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    // What was never applied, and may not be read, never was: each object is read before it is applied.
    return entry.uid === undefined ? { type, live: undefined } : { type, live: undefined, refused: messageOf(error) };
  }
}

export const refOf = ({ namespace = '', name = '' }: AppliedResource) =>
  namespace === '' ? { name } : { namespace, name };

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A uid that differs is another object under the same name; one without a uid was recorded before a crash. WK-33 */
function isRecorded(live: Stored<KubeObject>, entry: AppliedResource, applied: Stored<AppliedWork>): boolean {
  if (entry.uid !== undefined) return entry.uid === live.metadata.uid;
  const marked = live.metadata.labels?.[label.appliedWork] === labelValueOf(applied.metadata.name);
  return marked || ownersOf(live).some(({ uid }) => uid === applied.metadata.uid);
}

function typeOf(entry: AppliedResource): ResourceType | undefined {
  const { group = '', version, kind, resource, namespace = '' } = entry;
  if (version === undefined || kind === undefined || resource === undefined) return undefined;
  return { group, version, kind, plural: resource, scope: namespace === '' ? 'Cluster' : 'Namespaced' };
}

/** Annotations that say how an object is withdrawn. */
const kept: readonly string[] = [annotation.applyWave, policyAnnotation.deletionPolicy];

/**
 * An object without its content: who it is, whose it is, when it goes, and what a CustomResourceDefinition defines. All objects
 * of a Work are read before the first is withdrawn, and their content may be a megabyte each.
 */
function outlineOf({ apiVersion, kind, metadata, ...content }: Stored<KubeObject>, type: ResourceType) {
  const { annotations = {}, ...rest } = metadata;
  const { managedFields: _fields, ...marks } = rest as typeof rest & { managedFields?: unknown };
  const { spec } = content as { spec?: JsonValue };
  return {
    apiVersion,
    kind,
    metadata: {
      ...marks,
      annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => kept.includes(name))),
    },
    ...(isContainerKind(type) && isJsonObject(spec) ? { spec: definitionOf(spec) } : {}),
  } as Stored<KubeObject>;
}

/** A CustomResourceDefinition without its schemas. */
function definitionOf({ group, names, scope, versions }: JsonObject) {
  const list = (Array.isArray(versions) ? versions : []).filter(isJsonObject);
  return { group, names, scope, versions: list.map(({ name, storage }) => ({ name, storage })) };
}
