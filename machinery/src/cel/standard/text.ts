import { compilePattern } from '../../schema/pattern.ts';
import type { CostNode, FunctionDeclaration, OverloadCost } from '../library.ts';
import { CostFactor, scaleRange } from '../size.ts';
import { boolType, bytesType, intType, listType, mapType, stringType, typeParam } from '../types.ts';
import { type CelList, type CelMap, codePointCount, sizeForCost } from '../values.ts';
import { containsCost, fail, matchesCost, member, overload } from './overloads.ts';

const texts = [stringType, stringType];
const lists = listType(typeParam('A'));
const maps = mapType(typeParam('A'), typeParam('B'));

/** An estimate knows how much of the text is compared, by the other text; the actual cost counts the text itself. */
const affixCost: OverloadCost = {
  onlyWhenResolved: true,
  beforehand: true,
  estimate: (estimator, _target, args) => ({
    cost: scaleRange(estimator.sizeOf(args[0] as CostNode), CostFactor.string),
  }),
  actual: (args) => Math.ceil(sizeForCost(args[0] as string) * CostFactor.string),
};

function matches(text: string, pattern: string): boolean {
  const compiled = compilePattern(pattern);
  if (compiled instanceof Error) fail(compiled.message);
  return compiled.matcher(text).find();
}

const sizeOfText = (text: string) => BigInt(codePointCount(text));
const sizeOfBytes = (bytes: Uint8Array) => BigInt(bytes.length);
const sizeOfMany = (many: CelList | CelMap) => BigInt(many.size);

/** Functions over texts, and `size`. Patterns are RE2: their time is linear in the text. */
export const text: readonly FunctionDeclaration[] = [
  {
    name: 'size',
    overloads: [
      overload('size_bytes', [bytesType], intType, sizeOfBytes),
      member('bytes_size', [bytesType], intType, sizeOfBytes),
      overload('size_list', [lists], intType, sizeOfMany),
      member('list_size', [lists], intType, sizeOfMany),
      overload('size_map', [maps], intType, sizeOfMany),
      member('map_size', [maps], intType, sizeOfMany),
      overload('size_string', [stringType], intType, sizeOfText),
      member('string_size', [stringType], intType, sizeOfText),
    ],
  },
  {
    name: 'contains',
    overloads: [
      member('contains_string', texts, boolType, (whole: string, part: string) => whole.includes(part), containsCost),
    ],
  },
  {
    name: 'endsWith',
    overloads: [
      member('ends_with_string', texts, boolType, (whole: string, end: string) => whole.endsWith(end), affixCost),
    ],
  },
  {
    name: 'startsWith',
    overloads: [
      member(
        'starts_with_string',
        texts,
        boolType,
        (whole: string, start: string) => whole.startsWith(start),
        affixCost,
      ),
    ],
  },
  {
    name: 'matches',
    overloads: [
      overload('matches', texts, boolType, matches),
      member('matches_string', texts, boolType, matches, matchesCost),
    ],
  },
];
