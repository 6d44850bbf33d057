import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary } from '../library.ts';
import { mapInsertFunction, twoVariableMacros } from '../macros.ts';
import { mapType, typeParam } from '../types.ts';
import { CelMap, CelUint, type CelValue, insertedInto } from '../values.ts';
import { declare, global, noSuchOverload } from './declare.ts';

const map = mapType(typeParam('K'), typeParam('V'));

/** The macros of two variables, and the function that they make maps with: since Kubernetes 1.32. KA-102 */
export const comprehensionsLibrary: CelLibrary = {
  name: 'cel.lib.ext.comprev2',
  macros: twoVariableMacros,
  functions: [
    declare(
      mapInsertFunction,
      global('@mapInsert_map_key_value', [map, typeParam('K'), typeParam('V')], map, {
        call: ([into, key, value]) => inserted(mapOf(into), key ?? null, value ?? null),
      }),
      global('@mapInsert_map_map', [map, map], map, {
        call: ([into, from]) => {
          let all = mapOf(into);
          const added = mapOf(from);
          for (const key of added.keys()) all = inserted(all, key, added.get(key) ?? null);
          return all;
        },
      }),
    ),
  ],
};

function inserted(into: CelMap, key: CelValue, value: CelValue): CelMap {
  const grown = insertedInto(into, key, value);
  if (grown === undefined)
    throw new CelEvaluationError(
      `insert failed: key ${String(key instanceof CelUint ? key.value : key)} already exists`,
    );
  return grown;
}

function mapOf(value: CelValue | undefined): CelMap {
  if (value instanceof CelMap) return value;
  throw noSuchOverload();
}
