import { Operator } from '../ast.ts';
import type { CelLibrary, FunctionDeclaration } from '../library.ts';
import { standardMacros } from '../macros.ts';
import { boolType, intType, listType, mapType, optionalType, typeParam } from '../types.ts';
import { arithmetic } from './arithmetic.ts';
import { comparison } from './comparison.ts';
import { conversion } from './conversion.ts';
import { fail, overload } from './overloads.ts';
import { text } from './text.ts';
import { timeFields } from './time-fields.ts';

const a = typeParam('A');
const b = typeParam('B');
/** Operators that the evaluator has its own form of; here they stand for the checker. */
const special = () => fail('no such overload');

const logic: readonly FunctionDeclaration[] = [
  { name: Operator.conditional, overloads: [overload('conditional', [boolType, a, a], a, special)] },
  { name: Operator.and, overloads: [overload('logical_and', [boolType, boolType], boolType, special)] },
  { name: Operator.or, overloads: [overload('logical_or', [boolType, boolType], boolType, special)] },
  { name: Operator.not, overloads: [overload('logical_not', [boolType], boolType, (value: boolean) => !value)] },
  { name: Operator.notStrictlyFalse, overloads: [overload('not_strictly_false', [boolType], boolType, special)] },
  {
    name: Operator.index,
    overloads: [
      overload('index_list', [listType(a), intType], a, special),
      overload('index_map', [mapType(a, b), a], b, special),
      overload('optional_list_index_int', [optionalType(listType(a)), intType], optionalType(a), special),
      overload('optional_map_index_value', [optionalType(mapType(a, b)), a], optionalType(b), special),
    ],
  },
  {
    name: Operator.optionalIndex,
    overloads: [
      overload('list_optindex_optional_int', [listType(a), intType], optionalType(a), special),
      overload('optional_list_optindex_optional_int', [optionalType(listType(a)), intType], optionalType(a), special),
      overload('map_optindex_optional_value', [mapType(a, b), a], optionalType(b), special),
      overload('optional_map_optindex_optional_value', [optionalType(mapType(a, b)), a], optionalType(b), special),
    ],
  },
];

/** What every environment has. KA-102 */
export const standardLibrary: CelLibrary = {
  name: 'standard',
  macros: standardMacros,
  functions: [...logic, ...comparison, ...arithmetic, ...text, ...conversion, ...timeFields],
};
