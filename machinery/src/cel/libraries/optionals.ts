import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary } from '../library.ts';
import { optionalMacros } from '../macros.ts';
import { boolType, listType, optionalType, typeParam } from '../types.ts';
import { CelDuration, CelList, CelMap, CelOptional, CelTimestamp, CelUint, type CelValue, celList } from '../values.ts';
import { declare, global, listOf, member, noSuchOverload } from './declare.ts';

const value = typeParam('V');
const optional = optionalType(value);

function optionalOf(candidate: CelValue | undefined): CelOptional {
  if (candidate instanceof CelOptional) return candidate;
  throw noSuchOverload();
}

const presentOr = (found: CelValue | undefined) => (found === undefined ? CelOptional.none : new CelOptional(found));

/**
 * Optional values: since Kubernetes 1.28. The evaluator knows `or` and `orValue` by their ids and does not evaluate
 * their argument where the target has a value. KA-102
 */
export const optionalsLibrary: CelLibrary = {
  name: 'cel.lib.optional',
  macros: optionalMacros,
  types: [optionalType(value)],
  functions: [
    declare('optional.of', global('optional_of', [value], optional, { call: ([item]) => presentOr(item) })),
    declare('optional.none', global('optional_none', [], optional, { call: () => CelOptional.none })),
    declare(
      'optional.ofNonZeroValue',
      global('optional_ofNonZeroValue', [value], optional, {
        call: ([item]) => (item === undefined || isZero(item) ? CelOptional.none : new CelOptional(item)),
      }),
    ),
    declare('value', member('optional_value', [optional], value, { call: ([item]) => unwrap(optionalOf(item)) })),
    declare(
      'hasValue',
      member('optional_hasValue', [optional], boolType, { call: ([item]) => optionalOf(item).value !== undefined }),
    ),
    declare(
      'or',
      member('optional_or_optional', [optional, optional], optional, {
        call: ([a, b]) => (optionalOf(a).value === undefined ? optionalOf(b) : optionalOf(a)),
      }),
    ),
    declare(
      'orValue',
      member('optional_orValue_value', [optional, value], value, {
        call: ([item, otherwise]) => optionalOf(item).value ?? otherwise ?? null,
      }),
    ),
    declare(
      'first',
      member('list_first', [listType(value)], optional, {
        call: ([list]) => (listOf(list).size === 0 ? CelOptional.none : new CelOptional(listOf(list).at(0))),
      }),
    ),
    declare(
      'last',
      member('list_last', [listType(value)], optional, {
        call: ([list]) =>
          listOf(list).size === 0 ? CelOptional.none : new CelOptional(listOf(list).at(listOf(list).size - 1)),
      }),
    ),
    declare(
      'optional.unwrap',
      global('optional_unwrap', [listType(optional)], listType(value), { call: ([list]) => unwrapAll(listOf(list)) }),
    ),
    declare(
      'unwrapOpt',
      member('optional_unwrapOpt', [listType(optional)], listType(value), {
        call: ([list]) => unwrapAll(listOf(list)),
      }),
    ),
  ],
};

function unwrap(optional: CelOptional): CelValue {
  if (optional.value === undefined) throw new CelEvaluationError('optional.none() dereference');
  return optional.value;
}

function unwrapAll(list: CelList): CelList {
  return celList([...list].map(optionalOf).flatMap((item) => (item.value === undefined ? [] : [item.value])));
}

/** Zero, false, empty, or the first instant; types and values of libraries have no such value. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '') return true;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value) === 0;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration) return value.nanos === 0n;
  if (value instanceof CelTimestamp) return value.nanos === firstInstant;
  if (value instanceof Uint8Array) return value.length === 0;
  return (value instanceof CelList || value instanceof CelMap) && value.size === 0;
}

/** 0001-01-01T00:00:00Z. */
const firstInstant = -62_135_596_800_000_000_000n;
