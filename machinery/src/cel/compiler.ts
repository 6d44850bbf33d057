import { type CallExpr, type ComprehensionExpr, type Expr, type ListExpr, type MapExpr, Operator } from './ast.ts';
import { type CheckedExpression, qualifiedName, type ResolvedCall } from './checker.ts';
import type { Declarations } from './declarations.ts';
import { callStep } from './dispatch.ts';
import { CelEvaluationError } from './errors.ts';
import { foldStep } from './fold.ts';
import { absorbable, attribute, type Code, constant, Frame, type Step } from './frame.ts';
import { lookUp, select, selectOptional } from './qualify.ts';
import { CostFactor } from './size.ts';
import { conversionNames } from './standard/conversion.ts';
import { type CelType, dynType, typeParameters } from './types.ts';
import { CelList, CelOptional, CelUint, type CelValue, celList, celMap, equalCelValues } from './values.ts';

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

function fail(message: string): never {
  throw new CelEvaluationError(message);
}

/** The value itself, without the charge for it where it is only a way to another. */
function found(code: Code): Step {
  return code.find ?? code.run;
}

function slotStep(slot: number): Step {
  return (frame) => {
    const value = frame.slots[slot] as CelValue | CelEvaluationError;
    if (value instanceof CelEvaluationError) throw value;
    return value;
  };
}

function qualified(base: Code, key: Step, optional: boolean): Code {
  const operand = found(base);
  const find: Step = (frame) => {
    const container = operand(frame);
    if (!optional && !(container instanceof CelOptional)) {
      const at = key(frame);
      frame.charge(1);
      return select(container, at);
    }
    const whole = container instanceof CelOptional ? container : new CelOptional(container);
    if (whole.value === undefined) return CelOptional.none;
    const chosen = selectOptional(whole, key(frame));
    if (chosen.value !== undefined) frame.charge(1);
    return chosen;
  };
  // What is selected from a choice is as free as the choice itself.
  return base.find === base.run ? { run: find, find } : attribute(find);
}

/** `&&` (decided by false) and `||` (decided by true): an error of one side does not matter when the other decides. */
function logical(left: Code, right: Code, decisive: boolean): Code {
  const a = left.run;
  const b = right.run;
  return {
    run: (frame) => {
      let error: CelEvaluationError | undefined;
      try {
        const value = a(frame);
        if (value === decisive) return decisive;
        if (value !== !decisive) error = new CelEvaluationError('no such overload');
      } catch (thrown) {
        error = absorbable(thrown);
      }
      const value = b(frame);
      if (value === decisive) return decisive;
      if (error !== undefined) throw error;
      return value === !decisive ? value : fail('no such overload');
    },
  };
}

function conditional(condition: Code, then: Code, otherwise: Code): Code {
  const test = condition.run;
  const a = found(then);
  const b = found(otherwise);
  const run: Step = (frame) => {
    const value = test(frame);
    if (value === true) return a(frame);
    return value === false ? b(frame) : fail('no such overload');
  };
  return { run, find: run };
}

function notStrictlyFalse(argument: Code): Code {
  const { run } = argument;
  return {
    run: (frame) => {
      frame.charge(1);
      try {
        return run(frame) !== false;
      } catch (error) {
        absorbable(error);
        return true;
      }
    },
  };
}

/** `or` and `orValue`: the second is looked at only when the first is empty. */
function orElse(first: Code, second: Code, unwrap: boolean): Code {
  return {
    run: (frame) => {
      const optional = first.run(frame);
      if (!(optional instanceof CelOptional)) return optional;
      if (optional.value === undefined) return second.run(frame);
      return unwrap ? optional.value : optional;
    },
  };
}

function literal(parts: readonly Code[], make: Step, cost: number): Code {
  if (parts.every((part) => part.constant !== undefined)) {
    const value = make(new Frame(() => undefined, Number.POSITIVE_INFINITY));
    return constant(value);
  }
  return {
    run: (frame) => {
      frame.charge(cost);
      return make(frame);
    },
  };
}

function presentOf(value: CelValue): CelValue | undefined {
  if (value instanceof CelOptional) return value.value;
  return fail('cannot initialize optional entry from a value that is not optional');
}

/** Whatever is not a list, a map or the like may be a key; of equal keys the last one counts. */
function mapKey(key: CelValue): CelValue {
  return typeof key !== 'object' || key === null || key instanceof CelUint ? key : fail('unsupported key type');
}

/** The elements of a constant list when they all are plain; undefined when they must be compared the long way. */
function constantMembers(list: CelValue): readonly CelValue[] | undefined {
  if (!(list instanceof CelList)) return undefined;
  const members = [...list];
  return members.every((item) => item instanceof CelUint || (typeof item !== 'object' && item !== null))
    ? members
    : undefined;
}

/** `x in ['a', 'b']` costs no more than `x`. */
function inConstants(item: Code, members: readonly CelValue[]): Code {
  const texts = new Set(members);
  const others = members.filter((member) => typeof member !== 'string');
  return {
    run: (frame) => {
      const value = item.run(frame);
      if (typeof value === 'string') return texts.has(value);
      return others.some((member) => equalCelValues(member, value));
    },
  };
}

function hasDyn(type: CelType): boolean {
  if (type.kind === 'dyn' || type.kind === 'error' || type.kind === 'typeParam') return true;
  return typeParameters(type).some(hasDyn);
}
