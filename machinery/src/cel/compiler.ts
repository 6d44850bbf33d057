import { type CallExpr, type ComprehensionExpr, type Expr, type ListExpr, type MapExpr, Operator } from './ast.ts';
import { type CheckedExpression, qualifiedName, type ResolvedCall } from './checker.ts';
import type { Declarations } from './declarations.ts';
import { callStep } from './dispatch.ts';
import { foldStep } from './fold.ts';
import { attribute, type Code, constant, Frame, type Step } from './frame.ts';
import {
  conditional,
  constantMembers,
  fail,
  found,
  inConstants,
  literal,
  logical,
  mapKey,
  notStrictlyFalse,
  orElse,
  presentOf,
  qualified,
  slotStep,
} from './operators.ts';
import { lookUp } from './qualify.ts';
import { CostFactor } from './size.ts';
import { conversionNames } from './standard/conversion.ts';
import { type CelType, dynType, typeParameters } from './types.ts';
import { CelOptional, type CelValue, celList, celMap } from './values.ts';

/** What the compiler looks at of an expression; without a checker's findings all is decided by values. */
export type Compilable = Pick<CheckedExpression, 'root' | 'types' | 'identifiers' | 'calls'>;

/**
 * Turns an expression into code. Literals of constants, and conversions of constants, are computed once, here.
 * Throws CelEvaluationError when such a conversion has no value.
 */
export function compileExpression(expression: Compilable, declarations: Declarations): Step {
  return new Compiler(expression, declarations).code(expression.root).run;
}

class Compiler {
  readonly #expression: Compilable;
  readonly #declarations: Declarations;
  /** Slots of the variables of comprehensions around the part that is compiled. */
  #slots: ReadonlyMap<string, number> = new Map();
  #nextSlot = 0;

  constructor(expression: Compilable, declarations: Declarations) {
    this.#expression = expression;
    this.#declarations = declarations;
  }

  code(expr: Expr): Code {
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value);
      case 'ident':
        return this.#name(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return { run: () => fail(`unknown type: ${expr.typeName}`) };
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #name(expr: Expr, name: string): Code {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    const slot = this.#slots.get(plain);
    if (slot !== undefined) return attribute(slotStep(slot));
    const known = this.#expression.identifiers.get(expr.id) ?? this.#declarations.identifiers.get(plain);
    if (known?.value !== undefined) return constant(known.value);
    return attribute((frame) => {
      const value = frame.bindings(plain);
      return value === undefined ? fail(`no such attribute(s): ${plain}`) : value;
    });
  }

  #select(expr: Expr & { kind: 'select' }): Code {
    const named = this.#expression.identifiers.get(expr.id);
    if (named !== undefined) return this.#name(expr, named.name);
    const operand = this.code(expr.operand);
    const { field } = expr;
    if (!expr.testOnly) return qualified(operand, () => field, false);
    const find = found(operand);
    return {
      run: (frame) => {
        const container = find(frame);
        if (container instanceof CelOptional && container.value === undefined) return false;
        frame.charge(1);
        return lookUp(container instanceof CelOptional ? (container.value ?? null) : container, field) !== undefined;
      },
    };
  }

  #call(expr: CallExpr): Code {
    const [first, second, third] = expr.args;
    const call = this.#expression.calls.get(expr.id) ?? this.#unchecked(expr);
    switch (call.name) {
      case Operator.and:
        return logical(this.code(first as Expr), this.code(second as Expr), false);
      case Operator.or:
        return logical(this.code(first as Expr), this.code(second as Expr), true);
      case Operator.conditional:
        return conditional(this.code(first as Expr), this.code(second as Expr), this.code(third as Expr));
      case Operator.notStrictlyFalse:
        return notStrictlyFalse(this.code(first as Expr));
      case Operator.index:
        return this.#index(first as Expr, second as Expr, false);
      case Operator.optionalIndex:
      case Operator.optionalSelect:
        return this.#index(first as Expr, second as Expr, true);
      default:
        return this.#function(expr, call);
    }
  }

  /** What a call may mean when nothing was checked: any overload of the name. */
  #unchecked(expr: CallExpr): ResolvedCall {
    const prefix = expr.target === undefined ? undefined : qualifiedName(expr.target);
    const dotted = prefix === undefined ? undefined : `${prefix.replace(/^\./, '')}.${expr.function}`;
    if (dotted !== undefined && this.#declarations.functions.has(dotted)) {
      return { name: dotted, overloads: this.#overloads(dotted, false), namespaced: true };
    }
    const name = expr.function.replace(/^\./, '');
    return { name, overloads: this.#overloads(name, expr.target !== undefined), namespaced: false };
  }

  #overloads(name: string, member: boolean) {
    return (this.#declarations.functions.get(name) ?? []).filter((overload) => overload.member === member);
  }

  #function(expr: CallExpr, call: ResolvedCall): Code {
    const operands = expr.target === undefined || call.namespaced ? expr.args : [expr.target, ...expr.args];
    const args = operands.map((operand) => this.code(operand));
    const [first, second] = args as [Code, Code];
    const [overload] = call.overloads;
    if (overload?.id === 'optional_or_optional' || overload?.id === 'optional_orValue_value') {
      return orElse(first, second, overload.id === 'optional_orValue_value');
    }
    const single = call.overloads.length === 1;
    if (single && overload?.id === 'in_list' && second.constant !== undefined) {
      const members = constantMembers(second.constant.value);
      if (members !== undefined) return members.length === 0 ? constant(false) : inConstants(first, members);
    }
    const checked = operands.every((operand) => !hasDyn(this.#expression.types.get(operand.id) ?? dynType));
    const constants = args.map((arg) => arg.constant?.value);
    for (const candidate of call.overloads) candidate.prepare?.(constants);
    const run = callStep(call, args, checked);
    if (conversionNames.has(call.name) && args.length === 1 && first.constant !== undefined) {
      return constant(run(new Frame(() => undefined, Number.POSITIVE_INFINITY)));
    }
    return { run };
  }

  #index(operand: Expr, key: Expr, optional: boolean): Code {
    return qualified(this.code(operand), found(this.code(key)), optional);
  }

  #list(expr: ListExpr): Code {
    const elements = expr.elements.map((element) => this.code(element));
    const { optionals } = expr;
    const make: Step = (frame) => {
      const items: CelValue[] = [];
      elements.forEach((element, index) => {
        const item = optionals.has(index) ? presentOf(element.run(frame)) : element.run(frame);
        if (item !== undefined) items.push(item);
      });
      return celList(items);
    };
    return literal(elements, make, CostFactor.createList);
  }

  #map(expr: MapExpr): Code {
    const keys = expr.entries.map((entry) => this.code(entry.key));
    const values = expr.entries.map((entry) => this.code(entry.value));
    const make: Step = (frame) => {
      const entries: [CelValue, CelValue][] = [];
      expr.entries.forEach((entry, index) => {
        const key = mapKey((keys[index] as Code).run(frame));
        const whole = (values[index] as Code).run(frame);
        const value = entry.optional ? presentOf(whole) : whole;
        if (value !== undefined) entries.push([key, value]);
      });
      return celMap(entries);
    };
    return literal([...keys, ...values], make, CostFactor.createMap);
  }

  #comprehension(expr: ComprehensionExpr): Code {
    const range = this.code(expr.range);
    const initial = this.code(expr.initial);
    const outer = this.#slots;
    const accumulator = this.#nextSlot;
    const variable = accumulator + 1;
    const variable2 = expr.variable2 === undefined ? undefined : accumulator + 2;
    this.#nextSlot += 3;
    const withAccumulator = new Map([...outer, [expr.accumulator, accumulator]]);
    const inner = new Map([...withAccumulator, [expr.variable, variable]]);
    if (expr.variable2 !== undefined) inner.set(expr.variable2, accumulator + 2);
    this.#slots = inner;
    const condition = this.code(expr.condition);
    const step = this.code(expr.step);
    this.#slots = withAccumulator;
    const result = this.code(expr.result);
    this.#slots = outer;
    this.#nextSlot -= 3;
    return { run: foldStep({ range, initial, condition, step, result, accumulator, variable, variable2 }) };
  }
}

function hasDyn(type: CelType): boolean {
  if (type.kind === 'dyn' || type.kind === 'error' || type.kind === 'typeParam') return true;
  return typeParameters(type).some(hasDyn);
}
