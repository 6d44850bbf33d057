import {
  addPath,
  createFieldSet,
  type FieldSet,
  isEmptySet,
  type MutableFieldSet,
  recursiveDifference,
  union,
} from './field-set.ts';
import { fieldNameOf, type PathElement } from './path-element.ts';
import { readingOf, type Shape } from './shape.ts';

/**
 * Fits a stored set to the schema of today: who owned parts of a list or map that has become atomic since owns it as a
 * whole now. The other way needs nothing: owning the whole stays owning it. KA-79
 * @returns the same set when nothing changed
 */
export function reconcileWithSchema(set: FieldSet, shape: Shape): FieldSet {
  const nowAtomic = createFieldSet();
  visit(nowAtomic, set, shape, [], false);
  if (isEmptySet(nowAtomic)) return set;
  return union(recursiveDifference(set, nowAtomic), nowAtomic);
}

function visit(
  nowAtomic: MutableFieldSet,
  set: FieldSet | undefined,
  shape: Shape,
  path: PathElement[],
  ownedAsWhole: boolean,
): void {
  switch (readingOf(shape, undefined)) {
    case 'scalar':
      return;
    case 'list':
      if (shape.list?.associative === false) {
        if (!ownedAsWhole) addPath(nowAtomic, path);
        return;
      }
      break;
    case 'map':
      if (shape.map?.deduced === true) return;
      if (shape.map?.atomic === true) {
        if (!ownedAsWhole && set !== undefined && !isEmptySet(set)) addPath(nowAtomic, path);
        return;
      }
  }
  if (set === undefined) return;
  for (const element of elementsOf(set)) {
    const below = shapeBelow(shape, element);
    if (below === undefined) continue;
    const child = set.children.get(element);
    path.push(element);
    visit(nowAtomic, child, below, path, child === undefined && set.members.has(element));
    path.pop();
  }
}

const elementsOf = (set: FieldSet): ReadonlySet<PathElement> => new Set([...set.members, ...set.children.keys()]);

function shapeBelow(shape: Shape, element: PathElement): Shape | undefined {
  if (shape.map === undefined) return shape.list?.item;
  const name = fieldNameOf(element);
  return (name === undefined ? undefined : shape.map.declared(name)) ?? shape.map.rest;
}
