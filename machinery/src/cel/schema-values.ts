import { equalValues, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { CelEvaluationError } from './errors.ts';
import { type JsonDecoder, JsonList } from './json.ts';
import { CelDuration, CelList, CelMap, CelTimestamp, CelUint, type CelValue, equalCelValues } from './values.ts';

/** A field of an object: its name in JSON and how it is read. */
export interface ObjectField {
  readonly jsonName: string;
  readonly decode: JsonDecoder;
  /** A second name of the same field. */
  readonly isAlias?: true;
}

/**
 * A view of a JSON object with known fields, by the names that expressions write. A field that is null is absent. What
 * the schema does not know is invisible, but counts in `==`. KA-101d
 */
class JsonStruct extends CelMap {
  readonly json: JsonObject;
  readonly #fields: ReadonlyMap<string, ObjectField>;

  constructor(json: JsonObject, fields: ReadonlyMap<string, ObjectField>) {
    super();
    this.json = json;
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  get(key: CelValue): CelValue | undefined {
    const field = typeof key === 'string' ? this.#fields.get(key) : undefined;
    if (field === undefined) return undefined;
    const value = getOwn(this.json, field.jsonName);
    return value === undefined || value === null ? undefined : field.decode(value);
  }

  override has(key: CelValue): boolean {
    const field = typeof key === 'string' ? this.#fields.get(key) : undefined;
    const value = field === undefined ? undefined : getOwn(this.json, field.jsonName);
    return value !== undefined && value !== null;
  }

  *keys(): IterableIterator<CelValue> {
    for (const [name, field] of this.#fields) {
      if (field.isAlias !== true && this.has(name)) yield name;
    }
  }

  override equals(other: CelMap): boolean {
    if (!(other instanceof JsonStruct)) return super.equals(other);
    if (this.json === other.json) return true;
    if (this.size !== other.size) return false;
    for (const name of this.#fields.keys()) {
      const [mine, theirs] = [this.get(name), other.get(name)];
      if (mine === undefined || theirs === undefined) {
        if (mine !== theirs) return false;
      } else if (!equalCelValues(mine, theirs)) return false;
    }
    return this.#equalUnknowns(other.json);
  }

  #equalUnknowns(other: JsonObject): boolean {
    const known = new Set([...this.#fields.values()].map((field) => field.jsonName));
    return Object.keys(this.json).every((name) => {
      const theirs = getOwn(other, name);
      return known.has(name) || theirs === undefined || equalValues(this.json[name], theirs);
    });
  }
}

/** A list whose items are found by an identity, not by their place: the order does not count in `==`, and `+` unites. */
abstract class IdentityList extends JsonList {
  /** What makes an item the one it is. */
  protected abstract identityOf(item: CelValue): string;

  override equals(other: CelList): boolean {
    if (this.size !== other.size) return false;
    const mine = new Map([...this].map((item) => [this.identityOf(item), item]));
    for (const item of other) {
      const known = mine.get(this.identityOf(item));
      if (known === undefined || !equalCelValues(known, item)) return false;
    }
    return true;
  }

  /** Items of the other list take the places of those with their identity; all others follow. */
  override concat(other: CelList): CelList {
    return new UnitedList(
      unite([...this], [...other], (item) => this.identityOf(item)),
      this,
    );
  }

  identity(item: CelValue): string {
    return this.identityOf(item);
  }
}

/** The sum of such a list and another, which is such a list again. */
class UnitedList extends CelList {
  readonly size: number;
  readonly #items: readonly CelValue[];
  readonly #kind: IdentityList;

  constructor(items: readonly CelValue[], kind: IdentityList) {
    super();
    this.#items = items;
    this.#kind = kind;
    this.size = items.length;
  }

  at(index: number): CelValue {
    return this.#items[index] as CelValue;
  }

  override equals(other: CelList): boolean {
    if (this.size !== other.size) return false;
    const mine = new Map(this.#items.map((item) => [this.#kind.identity(item), item]));
    for (const item of other) {
      const known = mine.get(this.#kind.identity(item));
      if (known === undefined || !equalCelValues(known, item)) return false;
    }
    return true;
  }

  override concat(other: CelList): CelList {
    return new UnitedList(
      unite(this.#items, [...other], (item) => this.#kind.identity(item)),
      this.#kind,
    );
  }
}

function unite(
  items: readonly CelValue[],
  others: readonly CelValue[],
  identityOf: (item: CelValue) => string,
): CelValue[] {
  const united = [...items];
  const places = new Map(items.map((item, index) => [identityOf(item), index]));
  for (const item of others) {
    const identity = identityOf(item);
    const place = places.get(identity);
    if (place === undefined) {
      places.set(identity, united.length);
      united.push(item);
    } else united[place] = item;
  }
  return united;
}

/** x-kubernetes-list-type: set. */
export class JsonSet extends IdentityList {
  protected identityOf(item: CelValue): string {
    return scalarKey(item);
  }
}

/** x-kubernetes-list-type: map. */
export class JsonKeyedList extends IdentityList {
  readonly #keys: readonly string[];

  /** @param keys the fields that identify an item, by the names that expressions write */
  constructor(json: readonly JsonValue[], decode: JsonDecoder, keys: readonly string[]) {
    super(json, decode);
    this.#keys = keys;
  }

  protected identityOf(item: CelValue): string {
    if (!(item instanceof CelMap)) throw new CelEvaluationError('unexpected element of a list of type map');
    return this.#keys.map((key) => scalarKey(item.get(key) ?? null)).join('\u0000');
  }
}

/** Equal plain values have equal keys. */
function scalarKey(value: CelValue): string {
  if (value instanceof CelUint) return `bigint ${value.value}`;
  if (value instanceof CelTimestamp || value instanceof CelDuration) return `time ${value.nanos}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`;
  return `${typeof value} ${String(value)}`;
}

export function objectDecoder(fields: ReadonlyMap<string, ObjectField>): JsonDecoder {
  return (json) => (isJsonObject(json) ? new JsonStruct(json, fields) : mismatch('an object'));
}

/** Data that does not fit its schema: validation reports it in its own words, and rules do not run. */
export function mismatch(expected: string): never {
  throw new CelEvaluationError(`invalid data, expected ${expected}`);
}
