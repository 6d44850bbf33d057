import { encodeJson } from '../../wire/json.ts';
import { type CallExpr, type Expr, Operator, type ParsedExpression } from '../ast.ts';
import { CelUint, type CelValue } from '../values.ts';

/** An expression as source again, with parentheses around every operation: parsed, it gives the same tree. */
export function printExpression({ root, macroCalls }: ParsedExpression): string {
  return print(root, macroCalls);
}

type MacroCalls = ParsedExpression['macroCalls'];

const unary: Readonly<Record<string, string>> = { [Operator.not]: '!', [Operator.negate]: '-' };
const binary: Readonly<Record<string, string>> = {
  [Operator.and]: '&&',
  [Operator.or]: '||',
  [Operator.equals]: '==',
  [Operator.notEquals]: '!=',
  [Operator.less]: '<',
  [Operator.lessEquals]: '<=',
  [Operator.greater]: '>',
  [Operator.greaterEquals]: '>=',
  [Operator.add]: '+',
  [Operator.subtract]: '-',
  [Operator.multiply]: '*',
  [Operator.divide]: '/',
  [Operator.modulo]: '%',
  [Operator.in]: 'in',
};

function print(expr: Expr, macros: MacroCalls): string {
  const macro = macros.get(expr.id);
  if (macro !== undefined) return printCall(macro, macros);
  const all = (parts: readonly Expr[]) => parts.map((part) => print(part, macros));
  const mark = (optional: boolean) => (optional ? '?' : '');
  switch (expr.kind) {
    case 'literal':
      return printLiteral(expr.value);
    case 'ident':
      return expr.name;
    case 'select':
      return `${print(expr.operand, macros)}.${expr.field}`;
    case 'call':
      return printCall(expr, macros);
    case 'list':
      return `[${all(expr.elements)
        .map((text, index) => mark(expr.optionals.has(index)) + text)
        .join(', ')}]`;
    case 'map': {
      const entries = expr.entries.map(
        ({ key, value, optional }) => `${mark(optional)}${print(key, macros)}: ${print(value, macros)}`,
      );
      return `{${entries.join(', ')}}`;
    }
    case 'struct': {
      const fields = expr.fields.map(
        ({ name, value, optional }) => `${mark(optional)}${name}: ${print(value, macros)}`,
      );
      return `${expr.typeName}{${fields.join(', ')}}`;
    }
    case 'comprehension':
      throw new Error('a comprehension that no macro made has no source');
  }
}

function printCall(expr: CallExpr, macros: MacroCalls): string {
  const args = expr.args.map((arg) => print(arg, macros));
  const [first = '', second = '', third = ''] = args;
  if (expr.target !== undefined) return `${print(expr.target, macros)}.${expr.function}(${args.join(', ')})`;
  const sign = unary[expr.function];
  // In parentheses, or a sign would become part of a number that begins the operand.
  if (sign !== undefined) return `(${sign}(${first}))`;
  const operator = binary[expr.function];
  if (operator !== undefined) return `(${first} ${operator} ${second})`;
  switch (expr.function) {
    case Operator.conditional:
      return `(${first} ? ${second} : ${third})`;
    case Operator.index:
      return `${first}[${second}]`;
    case Operator.optionalIndex:
      return `${first}[?${second}]`;
    case Operator.optionalSelect:
      return `${first}.?${second.slice(1, -1)}`;
    default:
      return `${expr.function}(${args.join(', ')})`;
  }
}

function printLiteral(value: CelValue): string {
  if (typeof value === 'string') return encodeJson(value);
  if (value instanceof CelUint) return `${value.value}u`;
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof Uint8Array) {
    return `b"${Array.from(value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
  }
  return String(value);
}
