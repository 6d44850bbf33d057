import type { StructuralSchema } from '../schema/structural.ts';
import type { JsonObject } from '../wire/value.ts';
import { objectShape, type Shape } from './shape.ts';

/** How objects look in one API version of their kind. KA-79 */
export interface ObjectVersion {
  readonly schema: StructuralSchema;
  /** Brings an object of any version of the kind to this one. Must not mutate it. */
  convert(object: JsonObject): JsonObject;
}

/**
 * Finds an API version (`apps/v1`) of the kind at hand. Undefined: it is not served any more, and what managers own in
 * it is forgotten. KA-79
 */
export type Versions = (apiVersion: string) => ObjectVersion | undefined;

/** An object together with how its version is merged. */
export interface TypedObject {
  readonly object: JsonObject;
  readonly apiVersion: string;
  readonly shape: Shape;
}

/** Brings the objects of one request from version to version. */
export interface Converter {
  /** The version of the request. */
  readonly apiVersion: string;
  /** The shape of objects in the version of the request. */
  readonly shape: Shape;
  /** The shape of objects in another version; undefined when that is not served any more. */
  shapeIn(apiVersion: string): Shape | undefined;
  /** Undefined when that version is not served any more. */
  convert(typed: TypedObject, apiVersion: string): TypedObject | undefined;
}

/** @param versions absent: the object looks the same in every version */
export function createConverter(
  apiVersion: string,
  schema: StructuralSchema,
  versions: Versions | undefined,
): Converter {
  const shape = objectShape(schema);
  const shapeIn = (target: string): Shape | undefined => {
    if (target === apiVersion || versions === undefined) return shape;
    const version = versions(target);
    return version && objectShape(version.schema);
  };
  return {
    apiVersion,
    shape,
    shapeIn,
    convert(typed, target) {
      const targetShape = shapeIn(target);
      if (target === typed.apiVersion || targetShape === undefined) return targetShape && typed;
      const object = versions?.(target)?.convert(typed.object) ?? typed.object;
      return { object, apiVersion: target, shape: targetShape };
    },
  };
}
