import { parseJson } from '../wire/json.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { compareObjects } from './compare.ts';
import { difference, type FieldSet } from './field-set.ts';
import { withManagedFields } from './owners.ts';
import { canonicalJson } from './text.ts';
import { toFieldSet } from './to-field-set.ts';
import { configurationProblems } from './validate.ts';
import type { TypedObject } from './versions.ts';

/** Where client-side apply keeps what it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations of an object may take this many bytes in all, keys and values. */
const maxAnnotationBytes = 256 * 1024;

/**
 * The fields that client-side apply set and that are still as it set them: a server-side apply of kubectl may take those
 * over. KA-78
 * @returns undefined when there is no annotation that can be trusted: none, not parseable, of another API version, not
 *   fitting the schema
 */
export function fieldsOfLastApplied(live: TypedObject): FieldSet | undefined {
  const annotation = lastAppliedOf(live.object);
  if (annotation === undefined) return undefined;
  const applied = parseObject(annotation);
  if (applied === undefined || getOwn(applied, 'apiVersion') !== live.apiVersion) return undefined;
  const problems = [
    ...configurationProblems(withManagedFields(live.object, undefined), live.shape),
    ...configurationProblems(applied, live.shape),
  ];
  if (problems.length > 0) return undefined;
  const { added, modified, removed } = compareObjects(applied, live.object, live.shape);
  return [modified, added, removed].reduce(difference, toFieldSet(applied, live.shape));
}

/** Writes what was applied into the annotation, where the object has it; drops it where it would be too large. KA-78 */
export function syncLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (lastAppliedOf(object) === undefined) return object;
  const metadata = getOwn(object, 'metadata') as JsonObject;
  const { [lastAppliedAnnotation]: _, ...others } = metadata.annotations as JsonObject;
  const annotations = { ...others, [lastAppliedAnnotation]: `${canonicalJson(withoutAnnotation(config))}\n` };
  const fits = bytesOf(annotations) <= maxAnnotationBytes;
  return { ...object, metadata: { ...metadata, annotations: fits ? annotations : others } };
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const metadata = getOwn(object, 'metadata');
  if (metadata === undefined || !isJsonObject(metadata)) return undefined;
  const annotations = getOwn(metadata, 'annotations');
  return annotations !== undefined && isJsonObject(annotations) ? annotations : undefined;
}

function lastAppliedOf(object: JsonObject): string | undefined {
  const annotations = annotationsOf(object);
  const annotation = annotations === undefined ? undefined : getOwn(annotations, lastAppliedAnnotation);
  return typeof annotation === 'string' && annotation !== '' ? annotation : undefined;
}

function withoutAnnotation(config: JsonObject): JsonObject {
  const annotations = annotationsOf(config);
  if (annotations === undefined) return config;
  const { [lastAppliedAnnotation]: _, ...others } = annotations;
  return { ...config, metadata: { ...(config.metadata as JsonObject), annotations: others } };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const bytesOf = (annotations: JsonObject): number =>
  Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + textBytes(value), 0);

const textBytes = (value: JsonValue): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0);
