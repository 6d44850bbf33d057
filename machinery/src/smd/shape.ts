import { objectMetaSchema } from '../schema/object-meta.ts';
import type { StructuralSchema } from '../schema/structural.ts';
import type { JsonValue } from '../wire/value.ts';
import { compareText } from './text.ts';

/**
 * How merging sees a node of the schema. A node may be read as more than one of the three (int-or-string, areas of
 * unknown fields): then the value decides. KA-74
 */
export interface Shape {
  readonly scalar?: ScalarType;
  readonly list?: ListShape;
  readonly map?: MapShape;
}

/** `untyped`: any scalar. */
export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

/** How a list is merged. */
export interface ListShape {
  /** False: atomic, owned as a whole. True: a set when `keys` is empty, else a map by these keys. */
  readonly associative: boolean;
  /** Sorted, as path elements name them. */
  readonly keys: readonly string[];
  readonly item: Shape;
}

/** How an object is merged, declared or free. */
export interface MapShape {
  /** True: owned as a whole, like a scalar. */
  readonly atomic: boolean;
  /** The shape of a field that the schema declares by name. */
  declared(name: string): Shape | undefined;
  /** The declared default of a field; list keys that are absent take it. */
  defaultOf(name: string): JsonValue | undefined;
  /** The shape of all other fields; undefined where there may be none. */
  readonly rest: Shape | undefined;
  /** True for maps of which the schema says nothing but that unknown fields, or any scalars, are kept. */
  readonly deduced: boolean;
}

/** What is not described, and whose parent is owned as a whole. */
const opaque: Shape = {
  scalar: 'untyped',
  get list(): ListShape {
    return { associative: false, keys: [], item: opaque };
  },
  get map(): MapShape {
    return { atomic: true, declared: nothing, defaultOf: nothing, rest: opaque, deduced: false };
  },
};

function nothing(): undefined {
  return undefined;
}

/** What is not described but kept: objects are granular, lists atomic. KA-74 */
const deducedShape: Shape = Object.freeze<Shape>({
  scalar: 'untyped',
  list: { associative: false, keys: [], item: opaque },
  get map(): MapShape {
    return deducedMap;
  },
});

const deducedMap: MapShape = {
  atomic: false,
  declared: nothing,
  defaultOf: nothing,
  rest: deducedShape,
  deduced: true,
};

// Schemas are immutable and shared, and each is walked for every write of its kind: one shape per schema and reading.
const plainShapes = new WeakMap<StructuralSchema, Shape>();
const preservingShapes = new WeakMap<StructuralSchema, Shape>();
const objectShapes = new WeakMap<StructuralSchema, Shape>();

/** The shape of a whole object: unknown fields that the schema keeps at the root are not kept in its metadata. */
export function objectShape(schema: StructuralSchema): Shape {
  return remember(objectShapes, schema, () => buildShape(schema, false, true));
}

/** @param preserve whether an outer schema keeps unknown fields: then so do all schemas below it */
function shapeOf(schema: StructuralSchema, preserve: boolean): Shape {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  return remember(preserve ? preservingShapes : plainShapes, schema, () => buildShape(schema, preserve, isResource));
}

function remember(shapes: WeakMap<StructuralSchema, Shape>, schema: StructuralSchema, build: () => Shape): Shape {
  let shape = shapes.get(schema);
  if (shape === undefined) {
    shape = build();
    shapes.set(schema, shape);
  }
  return shape;
}

function buildShape(schema: StructuralSchema, outerPreserve: boolean, isResource: boolean): Shape {
  const preserve = outerPreserve || schema['x-kubernetes-preserve-unknown-fields'] === true;
  switch (schema.type) {
    case 'object':
      return { map: buildMap(schema, preserve, isResource) };
    case 'array':
      return { list: buildList(schema, preserve) };
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: isPlainString(schema) ? 'string' : 'untyped' };
    default:
      return { scalar: 'untyped', list: buildList(schema, preserve), map: buildMap(schema, preserve, isResource) };
  }
}

/** Of text with a format (a time, a quantity) only the validation by schema knows what may stand there. */
const isPlainString = ({ format }: StructuralSchema): boolean =>
  format === undefined || format === '' || format === 'byte';

function buildMap(schema: StructuralSchema, preserve: boolean, isResource: boolean): MapShape {
  const properties = schema.properties ?? {};
  const propertyOf = (name: string): StructuralSchema | undefined => {
    if (Object.hasOwn(properties, name)) return properties[name];
    return isResource ? resourceProperties.get(name) : undefined;
  };
  const rest = restShape(schema, preserve);
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    declared: (name) => {
      const property = propertyOf(name);
      if (property === undefined) return undefined;
      return shapeOf(property, preserve && !(isResource && name === 'metadata'));
    },
    defaultOf: (name) => propertyOf(name)?.default,
    get rest() {
      return rest();
    },
    get deduced() {
      const other = rest();
      const saysNothing = other === deducedShape || (other?.scalar === 'untyped' && other !== opaque);
      return saysNothing && !isResource && Object.keys(properties).length === 0;
    },
  };
}

/** Every object has these, whether its schema says so or not. */
const resourceProperties: ReadonlyMap<string, StructuralSchema> = new Map([
  ['apiVersion', { type: 'string' }],
  ['kind', { type: 'string' }],
  ['metadata', objectMetaSchema],
]);

function restShape(schema: StructuralSchema, preserve: boolean): () => Shape | undefined {
  const additional = schema.additionalProperties;
  if (typeof additional === 'object') return () => shapeOf(additional, preserve);
  if (additional === false) return nothing;
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  return additional === true || preserve || !hasProperties ? () => deducedShape : nothing;
}

function buildList(schema: StructuralSchema, preserve: boolean): ListShape {
  const { items } = schema;
  return {
    ...relationOf(schema),
    get item() {
      return items === undefined ? opaque : shapeOf(items, preserve);
    },
  };
}

/** Built-in kinds older than list types say it by their patch strategy. KA-69 */
function relationOf(schema: StructuralSchema): Pick<ListShape, 'associative' | 'keys'> {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'map')
    return { associative: true, keys: [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort(compareText) };
  if (type !== undefined) return { associative: type === 'set', keys: [] };
  const strategies = schema['x-kubernetes-patch-strategy']?.split(',') ?? [];
  if (!strategies.includes('merge')) return { associative: false, keys: [] };
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  return { associative: true, keys: mergeKey === undefined ? [] : [mergeKey] };
}

/** Which of its readings a node takes for this value; null and absent take the first that there is. */
export function readingOf(shape: Shape, value: JsonValue | undefined): 'map' | 'scalar' | 'list' {
  if (value !== undefined && value !== null) {
    if (Array.isArray(value)) {
      if (shape.list !== undefined) return 'list';
    } else if (typeof value === 'object') {
      if (shape.map !== undefined) return 'map';
    } else if (shape.scalar !== undefined) {
      return 'scalar';
    }
  }
  if (shape.map !== undefined) return 'map';
  return shape.scalar !== undefined ? 'scalar' : 'list';
}

/** The shape of one field of a map. What the schema does not know is not refused here, but treated as kept. */
export const fieldShape = (map: MapShape, name: string): Shape => map.declared(name) ?? map.rest ?? deducedShape;
