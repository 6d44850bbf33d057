import { isJsonObject, type JsonValue } from '../wire/value.ts';
import { type FieldPath, field, subscript } from './field-path.ts';
import type { StructuralSchema } from './structural.ts';

/**
 * Calls `visit` for the value and every part of it that the schema describes, a part before what stands in it.
 * @param visit path: undefined for the value itself
 */
export function visitNodes(
  value: JsonValue,
  schema: StructuralSchema,
  visit: (part: JsonValue, node: StructuralSchema, path: FieldPath | undefined) => void,
): void {
  const descend = (part: JsonValue, node: StructuralSchema, path: FieldPath | undefined): void => {
    visit(part, node, path);
    if (Array.isArray(part)) {
      const { items } = node;
      if (items !== undefined) part.forEach((item, index) => void descend(item, items, subscript(path, index)));
      return;
    }
    if (!isJsonObject(part)) return;
    const { properties = {}, additionalProperties } = node;
    for (const key of Object.keys(part)) {
      const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (own !== undefined) descend(part[key] as JsonValue, own, field(path, key));
      else if (typeof additionalProperties === 'object') {
        descend(part[key] as JsonValue, additionalProperties, subscript(path, key));
      }
    }
  };
  descend(value, schema, undefined);
}
