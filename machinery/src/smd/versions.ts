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

/** Brings objects of one request from version to version. */
export interface Converter {
  /** Undefined when that version is not served any more. */
  convert(typed: TypedObject, apiVersion: string): TypedObject | undefined;
  /** The shape of objects in the version of the request. */
  readonly shape: Shape;
  readonly apiVersion: string;
}

/** @param versions absent: the object looks the same in every version */
export function createConverter(
  apiVersion: string,
  schema: StructuralSchema,
  versions: Versions | undefined,
): Converter {
  const shape = objectShape(schema);
  return {
    apiVersion,
    shape,
    convert(typed, target) {
      if (target === typed.apiVersion) return typed;
      if (versions === undefined) return { ...typed, apiVersion: target };
      const version = versions(target);
      if (version === undefined) return undefined;
      return {
        object: version.convert(typed.object),
        apiVersion: target,
        shape: target === apiVersion ? shape : objectShape(version.schema),
      };
    },
  };
}
