import type { CelLibrary, Overload } from './library.ts';
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeName,
  typeParam,
  typeType,
  uintType,
} from './types.ts';
import { CelTypeValue, type CelValue } from './values.ts';

/** Knows the object types of an environment. */
export interface CelTypeProvider {
  /** The fields of an object type by the names that expressions write; undefined when there is no such type. */
  fieldsOf(typeName: string): ReadonlyMap<string, CelType> | undefined;
}

/** What a name stands for. */
export interface Identifier {
  readonly name: string;
  readonly type: CelType;
  /** Of constants and types; undefined for variables. */
  readonly value?: CelValue;
}

/** All that expressions of an environment may name. Built once, then only read. */
export interface Declarations {
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  readonly identifiers: ReadonlyMap<string, Identifier>;
  readonly provider: CelTypeProvider;
}

const namedTypes: readonly CelType[] = [
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType(typeParam('A')),
  mapType(typeParam('A'), typeParam('B')),
  nullType,
  stringType,
  timestampType,
  typeType(dynType),
  uintType,
];

/** Declarations of these libraries; a library that is named twice counts once. Throws when two overloads share an id. */
export function declare(libraries: readonly CelLibrary[], provider: CelTypeProvider): Declarations {
  const functions = new Map<string, Overload[]>();
  const identifiers = new Map<string, Identifier>();
  const types = [...namedTypes, ...libraries.flatMap((library) => library.types ?? [])];
  for (const type of types) {
    const name = typeName(type);
    identifiers.set(name, { name, type: typeType(type), value: new CelTypeValue(type) });
  }
  for (const { constants = [], functions: declared = [] } of libraries) {
    for (const constant of constants) identifiers.set(constant.name, constant);
    for (const { name, overloads } of declared) addOverloads(functions, name, overloads);
  }
  return { functions, identifiers, provider };
}

function addOverloads(functions: Map<string, Overload[]>, name: string, overloads: readonly Overload[]): void {
  const known = functions.get(name) ?? [];
  for (const overload of overloads) {
    if (known.some((other) => other.id === overload.id)) throw new Error(`overload ${overload.id} is declared twice`);
    known.push(overload);
  }
  functions.set(name, known);
}
