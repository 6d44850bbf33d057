import type { CallExpr, Expr, MapEntry } from './ast.ts';
import { CelError, issueAt } from './errors.ts';
import type { MacroFactory } from './library.ts';

/** No expression can write this name. */
export const accumulatorName = '@result';

/** Makes the nodes of one macro call. @param nextId gives a fresh id each time */
export function macroFactory(source: string, offset: number, nextId: () => number): MacroFactory {
  const at = () => ({ id: nextId(), offset });
  const call = (name: string, target: Expr | undefined, args: readonly Expr[]): CallExpr => ({
    ...at(),
    kind: 'call',
    function: name,
    ...(target === undefined ? {} : { target }),
    args,
  });
  return {
    accumulator: accumulatorName,
    literal: (value) => ({ ...at(), kind: 'literal', value }),
    ident: (name) => ({ ...at(), kind: 'ident', name }),
    select: (operand, field) => ({ ...at(), kind: 'select', operand, field, testOnly: false }),
    presenceTest: (operand, field) => ({ ...at(), kind: 'select', operand, field, testOnly: true }),
    call: (name, ...args) => call(name, undefined, args),
    memberCall: (name, target, ...args) => call(name, target, args),
    list: (...elements) => ({ ...at(), kind: 'list', elements, optionals: new Set() }),
    map: (...entries) => ({
      ...at(),
      kind: 'map',
      entries: entries.map((entry): MapEntry => ({ ...at(), ...entry, optional: entry.optional ?? false })),
    }),
    comprehension: (options) => ({ ...at(), kind: 'comprehension', ...options }),
    copy: (expr) => withFreshIds(expr, nextId),
    error: (message, where) => new CelError(source, [issueAt(source, where.offset, message)]),
  };
}

function withFreshIds(expr: Expr, nextId: () => number): Expr {
  const copy = (part: Expr) => withFreshIds(part, nextId);
  const id = nextId();
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return { ...expr, id };
    case 'select':
      return { ...expr, id, operand: copy(expr.operand) };
    case 'call':
      return {
        ...expr,
        id,
        ...(expr.target === undefined ? {} : { target: copy(expr.target) }),
        args: expr.args.map(copy),
      };
    case 'list':
      return { ...expr, id, elements: expr.elements.map(copy) };
    case 'map': {
      const entries = expr.entries.map((entry) => ({
        ...entry,
        id: nextId(),
        key: copy(entry.key),
        value: copy(entry.value),
      }));
      return { ...expr, id, entries };
    }
    case 'struct': {
      const fields = expr.fields.map((field) => ({ ...field, id: nextId(), value: copy(field.value) }));
      return { ...expr, id, fields };
    }
    case 'comprehension':
      return {
        ...expr,
        id,
        range: copy(expr.range),
        initial: copy(expr.initial),
        condition: copy(expr.condition),
        step: copy(expr.step),
        result: copy(expr.result),
      };
  }
}
