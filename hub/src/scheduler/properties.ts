import type { ComparisonType } from '@quarterdeck/apis';
import { parseQuantity } from '@quarterdeck/machinery';
import type { Capacity, ClusterView } from './cluster-view.ts';
import type { PropertyRequirement, Verity } from './placement-request.ts';

/** What a property is compared as: numbers compare by value, versions part by part. */
export type Comparable = bigint | string | readonly (number | string)[];

/** Under these names the capacity of a cluster is compared like its properties. PL-4 */
const capacityName = /^(capacity|allocatable|free)\/(.+)$/;

/** The text of a property, capacity value or version; undefined when the cluster has none. */
export function propertyOf(cluster: ClusterView, name: string): string | undefined {
  if (Object.hasOwn(cluster.properties, name)) return cluster.properties[name];
  if (name === 'kubernetesVersion') return cluster.version;
  const amount = capacityOf(cluster, name);
  return amount === undefined ? undefined : nanosText(amount);
}

/** The amount that a capacity name stands for, in billionths; undefined: no such name, or not reported. */
function capacityOf({ capacity }: ClusterView, name: string): bigint | undefined {
  if (capacity === undefined) return undefined;
  const match = capacityName.exec(name);
  if (match === null) return undefined;
  const [, which, resource = ''] = match;
  return amountsOf(capacity, which)?.get(resource)?.nanos;
}

function amountsOf(capacity: Capacity, which: string | undefined) {
  if (which === 'capacity') return capacity.total;
  return which === 'allocatable' ? capacity.allocatable : capacity.free;
}

const nanosText = (nanos: bigint): string =>
  nanos % 1_000_000_000n === 0n ? `${nanos / 1_000_000_000n}` : `${nanos}n`;

const integer = /^[+-]?[0-9]{1,64}$/;
const version = /^v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,4})(?:-([0-9A-Za-z.-]{1,128}))?(?:\+[0-9A-Za-z.-]*)?$/;

/** Undefined: the text cannot be read so. PL-4 */
export function readAs(type: ComparisonType, text: string): Comparable | undefined {
  switch (type) {
    case 'String':
      return text;
    case 'Integer':
      return integer.test(text) ? BigInt(text.startsWith('+') ? text.slice(1) : text) : undefined;
    case 'Quantity':
      try {
        return parseQuantity(text).nanos;
      } catch {
        return undefined;
      }
    case 'Version':
      return readVersion(text);
  }
}

/** Numbers of the version, then the parts of a pre-release, which stands before the release itself. */
function readVersion(text: string): readonly (number | string)[] | undefined {
  const match = version.exec(text);
  if (match === null) return undefined;
  const numbers = (match[1] ?? '').split('.').map(Number);
  while (numbers.length < 5) numbers.push(0);
  const release: (number | string)[] = match[2] === undefined ? [1] : [0, ...match[2].split('.').map(partOf)];
  return [...numbers, ...release];
}

const partOf = (part: string): number | string => (/^[0-9]+$/.test(part) ? Number(part) : part);

/** Negative, zero, positive. Both read as the same type. */
function compareValues(a: Comparable, b: Comparable): number {
  if (typeof a === 'object' && typeof b === 'object') return compareParts(a, b);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function compareParts(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    // As in semantic versioning: numbers stand before words.
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

/**
 * Whether the cluster meets the requirement. Unknown where the property is absent or unreadable and that matters: a new
 * cluster is then no match, a chosen one stays. PL-4, PL-6
 */
export function meetsProperty(cluster: ClusterView, requirement: PropertyRequirement): Verity {
  const { name, operator, type, values } = requirement;
  const text = propertyOf(cluster, name);
  if (operator === 'Exists') return text === undefined ? undefined : true;
  if (operator === 'DoesNotExist') return text === undefined;
  if (text === undefined) return operator === 'NotIn' ? true : undefined;
  const value = readAs(type, text);
  if (value === undefined) return undefined;
  const others = values.map((each) => readAs(type, each)).filter((each) => each !== undefined);
  switch (operator) {
    case 'In':
      return others.some((other) => compareValues(value, other) === 0);
    case 'NotIn':
      return others.every((other) => compareValues(value, other) !== 0);
    default: {
      const [limit] = others;
      return limit === undefined ? undefined : isOrdered(operator, compareValues(value, limit));
    }
  }
}

function isOrdered(operator: 'Gt' | 'Ge' | 'Lt' | 'Le', order: number): boolean {
  switch (operator) {
    case 'Gt':
      return order > 0;
    case 'Ge':
      return order >= 0;
    case 'Lt':
      return order < 0;
    case 'Le':
      return order <= 0;
  }
}

/** For scores: a value as a number; undefined when it cannot be read so. Versions weigh their first three numbers. */
export function numberAs(type: ComparisonType, text: string): number | undefined {
  const value = readAs(type, text);
  if (value === undefined || typeof value === 'string') return undefined;
  if (typeof value === 'bigint') return type === 'Quantity' ? Number(value) / 1e9 : Number(value);
  const [major = 0, minor = 0, patch = 0] = value;
  return Number(major) * 1e8 + Number(minor) * 1e4 + Number(patch);
}
