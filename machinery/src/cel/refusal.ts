import { Operator } from './ast.ts';
import { CelEvaluationError } from './errors.ts';
import { typeOfValue } from './type-of-value.ts';
import { type CelType, typeName } from './types.ts';
import type { CelValue } from './values.ts';

/**
 * No overload of a function takes these values, in the words of Kubernetes, which has three forms: operators that the
 * first operand has no part in are named, other operators are not, and functions are named with the types they got.
 */
export function refusal(name: string, values: readonly CelValue[]): CelEvaluationError {
  const types = values.map(typeOfValue);
  return new CelEvaluationError(`no such overload${detail(name, types)}`);
}

type Kind = CelType['kind'];

const ordered: readonly Kind[] = ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'duration', 'timestamp'];

/** The types whose values have a part in an operation. */
const operands: Readonly<Record<string, readonly Kind[]>> = {
  [Operator.less]: ordered,
  [Operator.lessEquals]: ordered,
  [Operator.greater]: ordered,
  [Operator.greaterEquals]: ordered,
  [Operator.add]: ['int', 'uint', 'double', 'string', 'bytes', 'list', 'duration', 'timestamp'],
  [Operator.subtract]: ['int', 'uint', 'double', 'duration', 'timestamp'],
  [Operator.multiply]: ['int', 'uint', 'double'],
  [Operator.divide]: ['int', 'uint', 'double'],
  [Operator.modulo]: ['int', 'uint'],
  [Operator.negate]: ['bool', 'int', 'double'],
  size: ['string', 'bytes', 'list', 'map'],
};
/** These are asked for any operation, and refuse it in their own way. */
const receivers: readonly Kind[] = ['string', 'duration', 'timestamp'];
const unnamed: ReadonlySet<string> = new Set([
  Operator.not,
  Operator.in,
  'contains',
  'startsWith',
  'endsWith',
  'matches',
]);

function detail(name: string, types: readonly CelType[]): string {
  if (unnamed.has(name)) return '';
  const taken = operands[name];
  if (taken === undefined) return `: ${name}(${types.map(typeName).join(', ')})`;
  const first = types[0]?.kind;
  return first !== undefined && (taken.includes(first) || receivers.includes(first)) ? '' : `: ${name}`;
}
