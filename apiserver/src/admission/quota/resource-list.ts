import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseQuantity,
  type Quantity,
  QuantityError,
  subtractQuantities,
  zeroQuantity,
} from '@quarterdeck/machinery';

/** Amounts by resource name (`requests.cpu`, `count/configmaps`), as quotas and containers have them. KA-119 */
export type ResourceList = ReadonlyMap<string, Quantity>;

export const emptyList: ResourceList = new Map();

/** What is no quantity is left out: validation has refused it where it matters. */
export function readResourceList(value: JsonValue | undefined): ResourceList {
  if (!isJsonObject(value)) return emptyList;
  const list = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(value)) {
    const quantity = readQuantity(text);
    if (quantity !== undefined) list.set(name, quantity);
  }
  return list;
}

/** A quantity as objects carry it, text or number; undefined when it is none. */
export function readQuantity(value: JsonValue | undefined): Quantity | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  try {
    return parseQuantity(String(value));
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** By name, in canonical form. */
export function resourceListObject(list: ResourceList): JsonObject {
  return Object.fromEntries(sortedNames(list).map((name) => [name, formatQuantity(amount(list, name))]));
}

/** `a=1,b=2`, by name: how messages show amounts. */
export function describeList(list: ResourceList, names: Iterable<string> = list.keys()): string {
  return [...names]
    .sort()
    .map((name) => `${name}=${formatQuantity(amount(list, name))}`)
    .join(',');
}

/** Zero when it is not there. */
export const amount = (list: ResourceList, name: string): Quantity => list.get(name) ?? zeroQuantity;

export function sumLists(a: ResourceList, b: ResourceList): ResourceList {
  const sum = new Map(a);
  for (const [name, quantity] of b) sum.set(name, addQuantities(amount(sum, name), quantity));
  return sum;
}

/** The larger of both, name by name. */
export function maxLists(a: ResourceList, b: ResourceList): ResourceList {
  const larger = new Map(a);
  for (const [name, quantity] of b) {
    if (compareQuantities(quantity, amount(larger, name)) > 0 || !larger.has(name)) larger.set(name, quantity);
  }
  return larger;
}

/** What `a` has more than `b`; names where it has not more are left out. */
export function excessOf(a: ResourceList, b: ResourceList): ResourceList {
  const excess = new Map<string, Quantity>();
  for (const [name, quantity] of a) {
    const more = subtractQuantities(quantity, amount(b, name));
    if (more.nanos > 0n) excess.set(name, more);
  }
  return excess;
}

export function equalLists(a: ResourceList, b: ResourceList): boolean {
  return a.size === b.size && [...a].every(([name, { nanos }]) => b.get(name)?.nanos === nanos);
}

const sortedNames = (list: ResourceList): string[] => [...list.keys()].sort();
