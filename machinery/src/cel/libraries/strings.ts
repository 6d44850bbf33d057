import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, FunctionDeclaration, Overload, OverloadCost } from '../library.ts';
import { addRanges, fixed, multiplyRanges, type Range, unbounded, unknownRange } from '../size.ts';
import { type CelType, dynType, intType, listType, stringType } from '../types.ts';
import { type CelList, type CelValue, celList } from '../values.ts';
import { declare, global, intOf, keepingCost, listOf, member, sizeOfFirst, textOf, walk, walked } from './declare.ts';
import { checkFormatCall } from './format-check.ts';
import { renderTemplate } from './format-template.ts';
import { listSearchCost } from './list-costs.ts';
import { replaceSize } from './replace-size.ts';
import {
  charAt,
  indexOfText,
  lastIndexOfText,
  lastIndexOfTextFrom,
  lowerAscii,
  quoteText,
  replaceText,
  splitText,
  substring,
  trimText,
  upperAscii,
} from './text-functions.ts';

type Call = Overload['call'];

const onText = (id: string, params: CelType[], result: CelType, call: Call, cost?: OverloadCost): Overload =>
  member(id, [stringType, ...params], result, { call, ...(cost === undefined ? {} : { cost }) });

const rewriting = (name: string, id: string, rewrite: (text: string) => string): FunctionDeclaration =>
  declare(
    name,
    onText(id, [], stringType, ([text]) => rewrite(textOf(text)), keepingCost()),
  );

const replaceCost: OverloadCost = {
  estimate: (estimator, target, [old, by]) => {
    const size = sizeOfFirst(estimator, target, []);
    const sizes = { text: size, old: sizeOr(old && estimator.sizeOf(old)), by: sizeOr(by && estimator.sizeOf(by)) };
    return { cost: walk(size, 2), resultSize: replaceSize(sizes) };
  },
  actual: ([text]) => walked(text, 2),
};

const splitCost: OverloadCost = {
  estimate: (estimator, target, args) => {
    const size = sizeOfFirst(estimator, target, []);
    return { cost: walk(size, 2), resultSize: { min: 0, max: literalInt(args[1]) ?? size.max } };
  },
  actual: ([text]) => walked(text, 2),
};

const joinCost: OverloadCost = {
  estimate: (estimator, target, [separator]) => {
    const count = sizeOfFirst(estimator, target, []);
    const element = target && estimator.elementsOf(target);
    let size = element === undefined ? fixed(0) : multiplyRanges(count, estimator.sizeOf(element));
    if (separator !== undefined) {
      const gaps = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) };
      size = addRanges(size, multiplyRanges(estimator.sizeOf(separator), gaps));
    }
    return { cost: walk(size, 1), resultSize: size };
  },
  actual: (_args, result) => walked(result, 2),
};

const formatCost: OverloadCost = {
  // How large the result is cannot be told.
  estimate: (estimator, target) => ({ cost: walk(sizeOfFirst(estimator, target, []), 1) }),
  actual: ([template]) => walked(template),
};

const quoteCost: OverloadCost = {
  estimate: (estimator, target, args) => {
    const size = sizeOfFirst(estimator, target, args);
    // A size without bound overflows in Kubernetes, and is nothing.
    const most = size.max >= unbounded ? 0 : size.max * 2 + 2;
    return { cost: walk(size, 1), resultSize: { min: size.min + 2, max: most } };
  },
  actual: ([text]) => walked(text),
};

/** The extended string functions of cel-go, version 2: since Kubernetes 1.29. KA-102 */
export const stringsLibrary: CelLibrary = {
  name: 'cel.lib.ext.strings',
  checks: [checkFormatCall],
  functions: [
    declare(
      'charAt',
      onText('string_char_at_int', [intType], stringType, ([text, at]) => charAt(textOf(text), intOf(at))),
    ),
    declare(
      'indexOf',
      onText(
        'string_index_of_string',
        [stringType],
        intType,
        ([text, wanted]) => indexOfText(textOf(text), textOf(wanted), 0n),
        listSearchCost,
      ),
      onText(
        'string_index_of_string_int',
        [stringType, intType],
        intType,
        ([text, wanted, from]) => indexOfText(textOf(text), textOf(wanted), intOf(from)),
        listSearchCost,
      ),
    ),
    declare(
      'lastIndexOf',
      onText(
        'string_last_index_of_string',
        [stringType],
        intType,
        ([text, wanted]) => lastIndexOfText(textOf(text), textOf(wanted)),
        listSearchCost,
      ),
      onText(
        'string_last_index_of_string_int',
        [stringType, intType],
        intType,
        ([text, wanted, from]) => lastIndexOfTextFrom(textOf(text), textOf(wanted), intOf(from)),
        listSearchCost,
      ),
    ),
    rewriting('lowerAscii', 'string_lower_ascii', lowerAscii),
    rewriting('upperAscii', 'string_upper_ascii', upperAscii),
    rewriting('trim', 'string_trim', trimText),
    declare(
      'replace',
      onText(
        'string_replace_string_string',
        [stringType, stringType],
        stringType,
        ([text, old, by]) => replaceText(textOf(text), textOf(old), textOf(by), -1n),
        replaceCost,
      ),
      onText(
        'string_replace_string_string_int',
        [stringType, stringType, intType],
        stringType,
        ([text, old, by, limit]) => replaceText(textOf(text), textOf(old), textOf(by), intOf(limit)),
        replaceCost,
      ),
    ),
    declare(
      'split',
      onText(
        'string_split_string',
        [stringType],
        listType(stringType),
        ([text, separator]) => celList(splitText(textOf(text), textOf(separator), -1n)),
        splitCost,
      ),
      onText(
        'string_split_string_int',
        [stringType, intType],
        listType(stringType),
        ([text, separator, limit]) => celList(splitText(textOf(text), textOf(separator), intOf(limit))),
        splitCost,
      ),
    ),
    declare(
      'substring',
      onText(
        'string_substring_int',
        [intType],
        stringType,
        ([text, start]) => substring(textOf(text), intOf(start)),
        keepingCost(),
      ),
      onText(
        'string_substring_int_int',
        [intType, intType],
        stringType,
        ([text, start, end]) => substring(textOf(text), intOf(start), intOf(end)),
        keepingCost(),
      ),
    ),
    declare(
      'join',
      member('list_join', [listType(stringType)], stringType, {
        call: ([list]) => join(listOf(list), ''),
        cost: joinCost,
      }),
      member('list_join_string', [listType(stringType), stringType], stringType, {
        call: ([list, separator]) => join(listOf(list), textOf(separator)),
        cost: joinCost,
      }),
    ),
    declare(
      'format',
      onText(
        'string_format',
        [listType(dynType)],
        stringType,
        ([template, values]) => format(textOf(template), listOf(values)),
        formatCost,
      ),
    ),
    declare(
      'strings.quote',
      global('strings_quote', [stringType], stringType, { call: ([text]) => quoteText(textOf(text)), cost: quoteCost }),
    ),
  ],
};

function join(list: CelList, separator: string): string {
  return Array.from(list, (item) => {
    if (typeof item === 'string') return item;
    throw new CelEvaluationError(`join: invalid input: ${String(item)}`);
  }).join(separator);
}

function format(template: string, values: CelList): string {
  return renderTemplate(template, values.size, ({ print }, index) => print(values.at(index)));
}

const sizeOr = (size: Range | undefined): Range => size ?? unknownRange;

/** A literal int as upstream counts with it, without sign; undefined for all else. */
function literalInt(node: { expr: { kind: string; value?: CelValue } } | undefined): number | undefined {
  const value = node?.expr.kind === 'literal' ? node.expr.value : undefined;
  if (typeof value !== 'bigint') return undefined;
  return value < 0n ? unbounded : Number(value);
}
