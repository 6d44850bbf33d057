import type { CelLibrary } from '../library.ts';
import { CostFactor, scaleRange } from '../size.ts';
import { type CelType, listType, objectType, optionalType, stringType } from '../types.ts';
import { CelOpaque, CelOptional, type CelValue, celList } from '../values.ts';
import { accessorCost, declare, global, member, noSuchOverload, sizeOfFirst, textOf, walk } from './declare.ts';
import { sizeOfValue } from './list-costs.ts';
import { type NamedFormat, namedFormats } from './named-formats.ts';

const formatType: CelType = objectType('kubernetes.NamedFormat');

/** A named format as a value. */
export class CelFormat extends CelOpaque {
  readonly type = formatType;
  readonly format: NamedFormat;

  constructor(format: NamedFormat) {
    super();
    this.format = format;
  }

  equals(other: CelValue): boolean {
    return this.format.name === formatOf(other).name;
  }
}

function formatOf(value: CelValue | undefined): NamedFormat {
  if (value instanceof CelFormat) return value.format;
  throw noSuchOverload();
}

const values: ReadonlyMap<string, CelFormat> = new Map(
  Object.entries(namedFormats).map(([name, format]) => [name, new CelFormat(format)]),
);

function validate(format: NamedFormat, text: string): CelOptional {
  const problems = format.problems(text);
  return problems.length === 0 ? CelOptional.none : new CelOptional(celList([...problems]));
}

/** The length of a pattern that estimates assume for any format. */
const assumedPattern = 128;

/** Formats of names and of schemas, by name: since Kubernetes 1.31. KA-102 */
export const formatLibrary: CelLibrary = {
  name: 'kubernetes.format',
  functions: [
    declare(
      'validate',
      member('format-validate', [formatType, stringType], optionalType(listType(stringType)), {
        call: ([format, text]) => validate(formatOf(format), textOf(text)),
        cost: {
          estimate: (estimator, _target, args) => {
            const text = walk(sizeOfFirst(estimator, undefined, args), 1);
            return { cost: scaleRange(text, assumedPattern * CostFactor.pattern) };
          },
          actual: ([format, text]) =>
            Math.ceil((1 + sizeOfValue(text)) * CostFactor.string) *
            Math.ceil((format instanceof CelFormat ? format.format.patternLength : 0) * CostFactor.pattern),
        },
      }),
    ),
    declare(
      'format.named',
      global('format-named', [stringType], optionalType(formatType), {
        call: ([name]) => {
          const found = values.get(textOf(name));
          return found === undefined ? CelOptional.none : new CelOptional(found);
        },
        cost: accessorCost,
      }),
    ),
    ...[...values].map(([name, value]) =>
      declare(`format.${name}`, global(`format.${name}`, [], formatType, { call: () => value })),
    ),
  ],
};
