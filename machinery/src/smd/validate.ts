import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { itemElement, itemProblem } from './list-item.ts';
import { elementText, fieldElement, indexElement, type PathElement, pathText } from './path-element.ts';
import { type ListShape, type MapShape, readingOf, type ScalarType, type Shape } from './shape.ts';
import type { SmdProblem } from './smd-error.ts';
import { canonicalJson } from './text.ts';

/**
 * What keeps an applied configuration from being merged: fields that the schema does not know, values of another type
 * than declared, list items without a key or named twice. Values as such are not judged here. KA-74
 * @returns empty when it can be merged
 */
export function configurationProblems(config: JsonObject, shape: Shape): SmdProblem[] {
  const walk: Walk = { path: [], problems: [] };
  visit(walk, shape, config);
  return walk.problems;
}

interface Walk {
  readonly path: PathElement[];
  readonly problems: SmdProblem[];
}

const report = (walk: Walk, message: string): void => {
  walk.problems.push({ field: pathText(walk.path), message });
};

function visit(walk: Walk, shape: Shape, value: JsonValue): void {
  if (value === null) return;
  switch (readingOf(shape, value)) {
    case 'map':
      if (isJsonObject(value)) visitMap(walk, shape.map as MapShape, value);
      else report(walk, `expected map, got ${canonicalJson(value)}`);
      break;
    case 'list':
      if (Array.isArray(value)) visitList(walk, shape.list as ListShape, value);
      else report(walk, `expected list, got ${canonicalJson(value)}`);
      break;
    case 'scalar': {
      const expected = scalarNames[shape.scalar as ScalarType];
      if (!isOfType(shape.scalar as ScalarType, value))
        report(walk, `expected ${expected}, got ${canonicalJson(value)}`);
    }
  }
}

function visitMap(walk: Walk, shape: MapShape, map: JsonObject): void {
  for (const name of Object.keys(map)) {
    const field = shape.declared(name) ?? shape.rest;
    walk.path.push(fieldElement(name));
    if (field === undefined) report(walk, 'field not declared in schema');
    else visit(walk, field, map[name] as JsonValue);
    walk.path.pop();
  }
}

function visitList(walk: Walk, shape: ListShape, list: readonly JsonValue[]): void {
  const seen = new Set<PathElement>();
  for (const [index, item] of list.entries()) {
    const element = shape.associative ? itemElement(shape, item) : indexElement(index);
    if (element === undefined) {
      report(walk, `element ${index}: ${itemProblem(shape, item)}`);
      continue;
    }
    if (seen.has(element)) report(walk, `duplicate entries for key ${elementText(element)}`);
    seen.add(element);
    walk.path.push(element);
    visit(walk, shape.item, item);
    walk.path.pop();
  }
}

const scalarNames: Readonly<Record<ScalarType, string>> = {
  numeric: 'numeric (int or float)',
  string: 'string',
  boolean: 'boolean',
  untyped: 'any scalar',
};

function isOfType(type: ScalarType, value: JsonValue): boolean {
  switch (type) {
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'untyped':
      return typeof value !== 'object';
  }
}
