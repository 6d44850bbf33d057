import { compareBytes, compareText, order, orderNumbers } from './scalar-order.ts';
import type { CelType } from './types.ts';
import { typeName } from './types.ts';

/**
 * A value of CEL while an expression runs: `int` is a bigint, `double` a number, `bytes` a Uint8Array, `null` null. All
 * values are immutable; lists and maps over JSON are views that decode what is asked for, and copy nothing. KA-101
 */
export type CelValue =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint8Array
  | CelUint
  | CelList
  | CelMap
  | CelTimestamp
  | CelDuration
  | CelTypeValue
  | CelOptional
  | CelOpaque;

export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time: nanoseconds since 1970 in UTC, within the years 1 to 9999. */
export class CelTimestamp {
  readonly nanos: bigint;
  /** How many minutes ahead of UTC the zone is that it was written in; only `string()` shows it. */
  readonly eastMinutes: number;

  constructor(nanos: bigint, eastMinutes = 0) {
    this.nanos = nanos;
    this.eastMinutes = eastMinutes;
  }
}

/** A span of time in nanoseconds, within 64 bits. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type as a value. Types as values have no parameters: `type([1]) == list`. */
export class CelTypeValue {
  readonly type: CelType;

  constructor(type: CelType) {
    this.type = type;
  }
}

/** A value that may be absent. */
export class CelOptional {
  static readonly none: CelOptional = new CelOptional(undefined);
  /** Undefined when the optional is empty. */
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A value of a library's type. */
export abstract class CelOpaque {
  /** An object or opaque type. */
  abstract readonly type: CelType;
  abstract equals(other: CelValue): boolean;

  /** What `size()` and costs take for its size; 1 unless the type says otherwise. */
  size(): number {
    return 1;
  }
}

export abstract class CelList {
  abstract readonly size: number;
  /** @param index of an element that exists */
  abstract at(index: number): CelValue;

  *[Symbol.iterator](): IterableIterator<CelValue> {
    for (let index = 0; index < this.size; index += 1) yield this.at(index);
  }

  /** Equality as this kind of list has it: sets and maps of Kubernetes do not look at the order. */
  equals(other: CelList): boolean {
    if (this.size !== other.size) return false;
    for (let index = 0; index < this.size; index += 1) {
      if (!equalCelValues(this.at(index), other.at(index))) return false;
    }
    return true;
  }

  /** `this + other`, as this kind of list has it. */
  concat(other: CelList): CelList {
    return this.size > copyLimit ? new JoinedList(this, other) : celList([...this]).concat(other);
  }
}

export abstract class CelMap {
  abstract readonly size: number;
  /** The value under a key; undefined when there is none. A number finds the key of the same value. */
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): IterableIterator<CelValue>;

  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }

  equals(other: CelMap): boolean {
    if (this.size !== other.size) return false;
    for (const key of this.keys()) {
      const theirs = other.get(key);
      if (theirs === undefined || !equalCelValues(this.get(key) as CelValue, theirs)) return false;
    }
    return true;
  }
}

/**
 * A list of values that an expression made. Appending to the newest view of an array adds to the array itself, which
 * older views of it do not see: a comprehension that appends n times costs n, not n squared.
 */
class ArrayList extends CelList {
  readonly #items: CelValue[];
  readonly size: number;

  constructor(items: CelValue[], size: number) {
    super();
    this.#items = items;
    this.size = size;
  }

  at(index: number): CelValue {
    return this.#items[index] as CelValue;
  }

  override concat(other: CelList): CelList {
    if (other.size === 0) return this;
    if (other.size > copyLimit) return new JoinedList(this, other);
    const items = this.#items.length === this.size ? this.#items : this.#items.slice(0, this.size);
    const count = other.size;
    for (let index = 0; index < count; index += 1) items.push(other.at(index));
    return new ArrayList(items, this.size + count);
  }
}

/** Longer lists are not copied to be appended: adding lists costs the same whatever their length. */
const copyLimit = 64;

/** Two lists one after the other. */
class JoinedList extends CelList {
  readonly size: number;
  readonly #first: CelList;
  readonly #second: CelList;

  constructor(first: CelList, second: CelList) {
    super();
    this.size = first.size + second.size;
    this.#first = first;
    this.#second = second;
  }

  at(index: number): CelValue {
    const { size } = this.#first;
    return index < size ? this.#first.at(index) : this.#second.at(index - size);
  }

  override concat(other: CelList): CelList {
    return other.size === 0 ? this : new JoinedList(this, other);
  }
}

/** A list of these values. It owns the array from now on. */
export function celList(items: CelValue[]): CelList {
  return new ArrayList(items, items.length);
}

interface Slot {
  readonly key: CelValue;
  readonly value: CelValue;
  readonly order: number;
}

/** A map that an expression made; grows as {@link ArrayList} does. */
class HashMap extends CelMap {
  readonly #slots: Map<string, Slot>;
  readonly size: number;

  constructor(slots: Map<string, Slot>, size: number) {
    super();
    this.#slots = slots;
    this.size = size;
  }

  get(key: CelValue): CelValue | undefined {
    for (const text of keyTexts(key)) {
      const slot = this.#slots.get(text);
      if (slot !== undefined && slot.order < this.size) return slot.value;
    }
    return undefined;
  }

  *keys(): IterableIterator<CelValue> {
    for (const slot of this.#slots.values()) {
      if (slot.order >= this.size) return;
      yield slot.key;
    }
  }

  inserted(key: CelValue, value: CelValue): CelMap {
    const slots = this.#slots.size === this.size ? this.#slots : new Map([...this.#slots].slice(0, this.size));
    slots.set(keyText(key), { key, value, order: this.size });
    return new HashMap(slots, this.size + 1);
  }
}

/** A map of these entries. Of two entries with equal keys the last wins; callers that mind check first. */
export function celMap(entries: Iterable<readonly [CelValue, CelValue]>): CelMap {
  const slots = new Map<string, Slot>();
  for (const [key, value] of entries) {
    const text = keyText(key);
    slots.set(text, { key, value, order: slots.get(text)?.order ?? slots.size });
  }
  return new HashMap(slots, slots.size);
}

/** The map with one more entry; undefined when the key is there already. */
export function insertedInto(map: CelMap, key: CelValue, value: CelValue): CelMap | undefined {
  if (map.has(key)) return undefined;
  if (map instanceof HashMap) return map.inserted(key, value);
  const copy = celMap([...map.keys()].map((known): [CelValue, CelValue] => [known, map.get(known) as CelValue]));
  return insertedInto(copy, key, value);
}

/** Keys of one type that are equal have equal texts; a map may hold one number as keys of several types. */
function keyText(key: CelValue): string {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'bigint') return `i${key}`;
  if (key instanceof CelUint) return `u${key.value}`;
  return `${typeof key} ${String(key)}`;
}

/** Where a key may be found: a number under the same number of any type, its own first. */
function keyTexts(key: CelValue): readonly string[] {
  const own = keyText(key);
  if (typeof key === 'bigint') return [own, `u${key}`, `number ${Number(key)}`];
  if (key instanceof CelUint) return [own, `i${key.value}`, `number ${Number(key.value)}`];
  if (typeof key === 'number' && Number.isInteger(key)) return [own, `i${BigInt(key)}`, `u${BigInt(key)}`];
  return [own];
}

/** `a == b` for any two values: numbers by value across types, all other types only with their like; NaN equals nothing. */
export function equalCelValues(a: CelValue, b: CelValue): boolean {
  // Some values of libraries refuse to be compared, even with themselves.
  if (a === b) return a instanceof CelOpaque ? a.equals(b) : true;
  if (typeof a === 'string' || typeof a === 'boolean' || a === null) return false;
  if (typeof a === 'bigint' || typeof a === 'number' || a instanceof CelUint) return equalNumbers(a, b);
  if (a instanceof CelList) return b instanceof CelList && a.equals(b);
  if (a instanceof CelMap) return b instanceof CelMap && a.equals(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && typeName(a.type) === typeName(b.type);
  if (a instanceof CelOptional) return b instanceof CelOptional && equalOptionals(a, b);
  return a.equals(b);
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equalCelValues(a.value, b.value);
}

function equalNumbers(a: bigint | number | CelUint, b: CelValue): boolean {
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (typeof right !== 'bigint' && typeof right !== 'number') return false;
  return orderNumbers(left, right) === 0;
}

/**
 * The order of two values: negative, zero or positive. Undefined when they have none: values of types that are not
 * ordered or not comparable with one another, and NaN.
 */
export function compareCelValues(a: CelValue, b: CelValue): number | undefined {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : undefined;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : undefined;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : undefined;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp ? order(a.nanos, b.nanos) : undefined;
  if (a instanceof CelDuration) return b instanceof CelDuration ? order(a.nanos, b.nanos) : undefined;
  const left = a instanceof CelUint ? a.value : a;
  const right = b instanceof CelUint ? b.value : b;
  if (typeof left !== 'bigint' && typeof left !== 'number') return undefined;
  if (typeof right !== 'bigint' && typeof right !== 'number') return undefined;
  return orderNumbers(left, right);
}

/** How many code points a string has: what CEL calls its size. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdbff) continue;
    const next = text.charCodeAt(index + 1);
    if (next >= 0xdc00 && next <= 0xdfff) count -= 1;
  }
  return count;
}

/** The size that costs are counted by: of strings, bytes, lists and maps what `size()` says, of an optional its value's, else 1. */
export function sizeForCost(value: CelValue): number {
  if (typeof value === 'string') return codePointCount(value);
  if (value instanceof CelList || value instanceof CelMap) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof CelOptional) return value.value === undefined ? 1 : sizeForCost(value.value);
  return value instanceof CelOpaque ? value.size() : 1;
}
