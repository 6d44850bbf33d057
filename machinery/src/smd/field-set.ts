import { type FieldPath, type PathElement, sortElements } from './path-element.ts';

/**
 * A set of field paths, as a trie. A path is in the set when its last step is a member of the node that the other steps
 * lead to; being on the way to a member does not make a step a member. Immutable: all operations return new sets, which
 * may share nodes with their arguments. KA-73
 */
export interface FieldSet {
  readonly members: ReadonlySet<PathElement>;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

/** A set under construction; use it as a {@link FieldSet} once it is complete. */
export interface MutableFieldSet extends FieldSet {
  readonly members: Set<PathElement>;
  readonly children: Map<PathElement, MutableFieldSet>;
}

/** An empty set to fill. */
export const createFieldSet = (): MutableFieldSet => ({ members: new Set(), children: new Map() });

/** Nothing; never to be filled. */
export const emptyFieldSet: FieldSet = Object.freeze(createFieldSet());

/** The set of these paths. */
export function fieldSetOf(paths: Iterable<FieldPath>): FieldSet {
  const set = createFieldSet();
  for (const path of paths) addPath(set, path);
  return set;
}

/** Adds a path in place. The empty path, the object as a whole, is never owned and is ignored. */
export function addPath(set: MutableFieldSet, path: FieldPath): void {
  if (path.length === 0) return;
  let node = set;
  for (let index = 0; index < path.length - 1; index++) {
    const element = path[index] as PathElement;
    let child = node.children.get(element);
    if (child === undefined) {
      child = createFieldSet();
      node.children.set(element, child);
    }
    node = child;
  }
  node.members.add(path[path.length - 1] as PathElement);
}

/** Whether there is no path in it; nodes without members do not count. */
export function isEmptySet(set: FieldSet): boolean {
  if (set.members.size > 0) return false;
  for (const child of set.children.values()) if (!isEmptySet(child)) return false;
  return true;
}

/** Whether this very path is in the set. */
export function hasPath(set: FieldSet, path: FieldPath): boolean {
  if (path.length === 0) return false;
  let node: FieldSet | undefined = set;
  for (let index = 0; index < path.length - 1; index++) {
    node = node.children.get(path[index] as PathElement);
    if (node === undefined) return false;
  }
  return node.members.has(path[path.length - 1] as PathElement);
}

/** Whether all paths of the first are in the second. */
export const isSubset = (a: FieldSet, b: FieldSet): boolean => {
  if (!a.members.isSubsetOf(b.members)) return false;
  for (const [element, child] of a.children) {
    if (!isSubset(child, b.children.get(element) ?? emptyFieldSet)) return false;
  }
  return true;
};

/** The paths that are in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const mine = children.get(element);
    children.set(element, mine === undefined ? child : union(mine, child));
  }
  return { members: a.members.union(b.members), children };
}

/** The paths that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other !== undefined) addChild(children, element, intersection(child, other));
  }
  return { members: a.members.intersection(b.members), children };
}

/** The paths of the first that are not in the second. A path in the second takes away itself, not what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    addChild(children, element, other === undefined ? child : difference(child, other));
  }
  return { members: a.members.difference(b.members), children };
}

/** Like {@link difference}, but a path in the second takes away everything below it too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of a.children) {
    if (b.members.has(element)) continue;
    const other = b.children.get(element);
    addChild(children, element, other === undefined ? child : recursiveDifference(child, other));
  }
  return { members: a.members.difference(b.members), children };
}

/** A node without any member is no part of a set. */
function addChild(children: Map<PathElement, FieldSet>, element: PathElement, child: FieldSet): void {
  if (!isEmptySet(child)) children.set(element, child);
}

/** All paths in the order that messages list them: at each node the members first, then what is below, each sorted. */
export function* pathsOf(set: FieldSet, prefix: FieldPath = []): Generator<FieldPath> {
  for (const element of sortElements(set.members)) yield [...prefix, element];
  for (const element of sortElements(set.children.keys())) {
    yield* pathsOf(set.children.get(element) ?? emptyFieldSet, [...prefix, element]);
  }
}
