import type { RE2JS } from 're2js';
import { compilePattern } from '../../schema/pattern.ts';
import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, OverloadCost } from '../library.ts';
import { CostFactor, unknownRange } from '../size.ts';
import { intType, listType, stringType } from '../types.ts';
import { type CelList, type CelValue, celList } from '../values.ts';
import { declare, intOf, matchCost, member, sizeOfFirst, textOf } from './declare.ts';
import { sizeOfValue } from './list-costs.ts';

const findCost: OverloadCost = {
  estimate: (estimator, target, [pattern]) => {
    const text = sizeOfFirst(estimator, target, []);
    const patternSize = pattern === undefined ? unknownRange : estimator.sizeOf(pattern);
    // At worst each character is a find of its own.
    return { cost: matchCost(text, patternSize), resultSize: { min: 0, max: text.max } };
  },
  actual: ([text, pattern]) =>
    Math.ceil((1 + sizeOfValue(text)) * CostFactor.string) * Math.ceil(sizeOfValue(pattern) * CostFactor.pattern),
};

/** Finding what a pattern of RE2 matches. KA-102 */
export const regexLibrary: CelLibrary = {
  name: 'kubernetes.regex',
  functions: [
    declare(
      'find',
      member('string_find_string', [stringType, stringType], stringType, {
        call: ([text, pattern]) => find(textOf(text), compiled(textOf(pattern))),
        prepare: checkPattern,
        cost: findCost,
      }),
    ),
    declare(
      'findAll',
      member('string_find_all_string', [stringType, stringType], listType(stringType), {
        call: ([text, pattern]) => findAll(textOf(text), compiled(textOf(pattern)), -1n),
        prepare: checkPattern,
        cost: findCost,
      }),
      member('string_find_all_string_int', [stringType, stringType, intType], listType(stringType), {
        call: ([text, pattern, limit]) => findAll(textOf(text), compiled(textOf(pattern)), intOf(limit)),
        prepare: checkPattern,
        cost: findCost,
      }),
    ),
  ],
};

/** A pattern that is written out is refused at once. */
function checkPattern([, pattern]: readonly (CelValue | undefined)[]): void {
  const found = typeof pattern === 'string' ? compilePattern(pattern) : undefined;
  if (found instanceof Error) throw new CelEvaluationError(found.message);
}

function compiled(pattern: string): RE2JS {
  const found = compilePattern(pattern);
  if (found instanceof Error) throw new CelEvaluationError(`Illegal regex: ${found.message}`);
  return found;
}

/** Empty when nothing matches. */
function find(text: string, pattern: RE2JS): string {
  const matcher = pattern.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

/** An empty match right after another match does not count, as in Go. */
function findAll(text: string, pattern: RE2JS, limit: bigint): CelList {
  const found: string[] = [];
  const matcher = pattern.matcher(text);
  let end = -1;
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) {
    const isEmptyAfterMatch = matcher.start() === matcher.end() && matcher.start() === end;
    if (!isEmptyAfterMatch) found.push(matcher.group() ?? '');
    end = matcher.end();
  }
  return celList(found);
}
