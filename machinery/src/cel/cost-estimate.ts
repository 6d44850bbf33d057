import { type CallExpr, type ComprehensionExpr, type Expr, type MapExpr, Operator } from './ast.ts';
import type { CheckedExpression, ResolvedCall } from './checker.ts';
import { CostPath, CostScopes, type EntrySize } from './cost-scopes.ts';
import type { CallEstimate, CostEstimator, CostNode } from './library.ts';
import { accumulatorName } from './macro-factory.ts';
import {
  addRanges,
  CostFactor,
  fixed,
  multiplyRanges,
  type Range,
  unbounded,
  unionRanges,
  unknownRange,
} from './size.ts';
import { type CelType, errorType } from './types.ts';
import { CelList, CelMap, type CelValue, codePointCount } from './values.ts';

/**
 * How large a value may be that a variable leads to: `['self', 'items', '@items', 'name']`; undefined when unknown.
 * The steps are names of fields, `@items`, `@keys`, `@values`, `@indices`.
 */
export type SizeOfPath = (path: readonly string[]) => Range | undefined;

/** How little and how much an evaluation can cost, whatever the values: the worst case decides whether a rule is taken. KA-101 */
export function estimateCost(checked: CheckedExpression, sizeOfPath: SizeOfPath): Range {
  return new Coster(checked, sizeOfPath).cost(checked.root);
}

const free = fixed(0);
const one = fixed(1);
const nothing: Range = { min: unbounded, max: 0 };

class Coster implements CostEstimator {
  readonly #checked: CheckedExpression;
  readonly #sizeOfPath: SizeOfPath;
  readonly #paths = new Map<number, CostPath>();
  readonly #sizes = new Map<number, Range>();
  readonly #entrySizes = new Map<number, EntrySize>();
  readonly #scopes = new CostScopes();

  constructor(checked: CheckedExpression, sizeOfPath: SizeOfPath) {
    this.#checked = checked;
    this.#sizeOfPath = sizeOfPath;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return free;
      case 'ident':
        return this.#ident(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr, expr.elements);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return sum([fixed(CostFactor.createStruct), ...expr.fields.map((field) => this.cost(field.value))]);
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  sizeOf(node: CostNode): Range {
    return node.computedSize ?? this.#sizeAt(node.path) ?? unknownRange;
  }

  elementsOf(node: CostNode): CostNode | undefined {
    if (node.type.kind !== 'list') return undefined;
    const { path } = node;
    return {
      expr: node.expr,
      type: node.type.element,
      ...(path === undefined ? {} : { path: [...path, '@items'] }),
    };
  }

  #ident(expr: Expr, name: string): Range {
    this.#paths.set(expr.id, this.#scopes.find(name)?.path ?? CostPath.of(name));
    return one;
  }

  #select(expr: Expr & { kind: 'select' }): Range {
    const named = this.#checked.identifiers.get(expr.id);
    if (named !== undefined) return this.#ident(expr, named.name);
    const operand = this.cost(expr.operand);
    if (expr.testOnly) return operand;
    this.#paths.set(expr.id, this.#pathOf(expr.operand).with(expr.field));
    const paid = ['map', 'object', 'typeParam'].includes(this.#typeOf(expr.operand).kind);
    return paid ? addRanges(operand, one) : operand;
  }

  #call(expr: CallExpr): Range {
    const call = this.#checked.calls.get(expr.id);
    const argCosts = expr.args.map((arg) => this.cost(arg));
    if (expr.function === Operator.optionalSelect)
      return this.#withSize(expr, undefined, addRanges(one, sum(argCosts)));
    if (call === undefined) return free;
    if (call.name === 'dyn') {
      this.#copySizes(expr, expr.args[0] as Expr);
      return addRanges(one, sum(argCosts));
    }
    const target = call.namespaced ? undefined : expr.target;
    const targetCost = target === undefined ? free : this.cost(target);
    const args = expr.args.map((arg) => this.#node(arg));
    const estimate = this.#overloads(expr, call, target === undefined ? undefined : this.#node(target), args, argCosts);
    return this.#withSize(expr, estimate.resultSize, addRanges(targetCost, estimate.cost));
  }

  #withSize(expr: Expr, size: Range | undefined, cost: Range): Range {
    const known = size ?? this.#computedSize(expr);
    if (known !== undefined) this.#sizes.set(expr.id, known);
    return cost;
  }

  /** One range for all overloads that the call may come to. */
  #overloads(
    expr: CallExpr,
    call: ResolvedCall,
    target: CostNode | undefined,
    args: readonly CostNode[],
    argCosts: readonly Range[],
  ): CallEstimate {
    let cost = nothing;
    let resultSize: Range | undefined;
    for (const overload of call.overloads) {
      const special = this.#special(expr, overload.id, args, argCosts);
      const estimate = special ?? overload.cost?.estimate?.(this, target, args) ?? { cost: one };
      cost = unionRanges(cost, special === undefined ? addRanges(estimate.cost, sum(argCosts)) : estimate.cost);
      const size = estimate.resultSize;
      if (size !== undefined) resultSize = resultSize === undefined ? size : unionRanges(resultSize, size);
      if (overload.id === 'index_list' || overload.id === 'index_map') {
        const container = expr.args[0] as Expr;
        resultSize = this.#entrySizeOf(container)?.value;
        this.#paths.set(expr.id, this.#pathOf(container).with(overload.id === 'index_list' ? '@items' : '@values'));
      }
      resultSize ??= this.#computedSize(expr);
    }
    return resultSize === undefined ? { cost } : { cost, resultSize };
  }

  /** Overloads whose cost is not that of their arguments and of themselves, or whose result has entries of a known size. */
  #special(expr: CallExpr, id: string, args: readonly CostNode[], costs: readonly Range[]): CallEstimate | undefined {
    const [first, second, third] = costs as [Range, Range, Range];
    switch (id) {
      case 'logical_and':
      case 'logical_or':
        return { cost: { min: first.min, max: addRanges(first, second).max } };
      case 'conditional': {
        const [, then, otherwise] = args as [CostNode, CostNode, CostNode];
        this.#setEntrySize(expr, unionEntries(this.#entrySizeOf(then.expr), this.#entrySizeOf(otherwise.expr)));
        return {
          cost: addRanges(first, unionRanges(second, third)),
          resultSize: unionRanges(then.computedSize ?? unknownRange, otherwise.computedSize ?? unknownRange),
        };
      }
      case 'add_list': {
        const [left, right] = args as [CostNode, CostNode];
        this.#setEntrySize(expr, unionEntries(this.#entrySizeOf(left.expr), this.#entrySizeOf(right.expr)));
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #list(expr: Expr, elements: readonly Expr[]): Range {
    const costs = elements.map((element) => this.cost(element));
    const sizes = elements.map((element) => this.#computedSize(element) ?? unknownRange);
    this.#setEntrySize(expr, { container: 'list', key: one, value: unionOf(sizes) });
    return sum([fixed(CostFactor.createList), ...costs]);
  }

  #map(expr: MapExpr): Range {
    const costs = expr.entries.flatMap((entry) => [this.cost(entry.key), this.cost(entry.value)]);
    const keys = expr.entries.map((entry) => this.#computedSize(entry.key) ?? unknownRange);
    const values = expr.entries.map((entry) => this.#computedSize(entry.value) ?? unknownRange);
    this.#setEntrySize(expr, { container: 'map', key: unionOf(keys), value: unionOf(values) });
    return sum([fixed(CostFactor.createMap), ...costs]);
  }

  #comprehension(expr: ComprehensionExpr): Range {
    const { range, initial } = expr;
    const before = addRanges(this.cost(range), this.cost(initial));
    this.#pushBound(expr.accumulator, initial);
    this.#pushVariables(expr);
    const turn = addRanges(this.cost(expr.condition), this.cost(expr.step));
    this.#scopes.pop(expr.variable);
    if (expr.variable2 !== undefined) this.#scopes.pop(expr.variable2);
    const result = this.cost(expr.result);
    this.#scopes.pop(expr.accumulator);
    const count = this.#computedSize(range) ?? unknownRange;
    if (initial.kind === 'literal') {
      const size = this.#computedSize(initial);
      if (size !== undefined) this.#sizes.set(expr.id, size);
    } else if (initial.kind === 'list' || initial.kind === 'map') {
      this.#sizes.set(expr.id, count);
      this.#setEntrySize(expr, this.#entrySizeOf(expr.step));
    }
    return sum([before, result, multiplyRanges(count, turn)]);
  }

  /** A fold over nothing, as macros make it to bind a variable. */
  #binding(expr: ComprehensionExpr): Range {
    const before = addRanges(this.cost(expr.range), this.cost(expr.initial));
    this.#pushBound(expr.accumulator, expr.initial);
    const result = this.cost(expr.result);
    this.#scopes.pop(expr.accumulator);
    this.#copySizes(expr, expr.result);
    return addRanges(before, result);
  }

  #pushBound(name: string, expr: Expr): void {
    this.#scopes.push(name, {
      path: this.#pathOf(expr),
      size: this.#computedSize(expr),
      entrySize: this.#entrySizeOf(expr),
    });
  }

  #pushVariables(expr: ComprehensionExpr): void {
    const entry = this.#entrySizeOf(expr.range);
    const path = this.#pathOf(expr.range);
    const isList = (entry?.container ?? this.#typeOf(expr.range).kind) === 'list';
    const push = (name: string, step: string, size: Range | undefined) =>
      this.#scopes.push(name, { path: path.with(step), size, entrySize: undefined });
    const valueStep = isList ? '@items' : '@values';
    if (expr.variable2 !== undefined) {
      push(expr.variable, isList ? '@indices' : '@keys', entry?.key);
      push(expr.variable2, valueStep, entry?.value);
    } else if (isList) push(expr.variable, valueStep, entry?.value);
    else push(expr.variable, '@keys', entry?.key);
  }

  #node(expr: Expr): CostNode {
    const path = this.#pathOf(expr).steps();
    const size = this.#computedSize(expr);
    return {
      expr,
      type: this.#typeOf(expr),
      ...(path.length === 0 || path[0] === accumulatorName ? {} : { path }),
      ...(size === undefined ? {} : { computedSize: size }),
    };
  }

  #typeOf(expr: Expr): CelType {
    return this.#checked.types.get(expr.id) ?? errorType;
  }

  #pathOf(expr: Expr): CostPath {
    if (expr.kind === 'ident') {
      const local = this.#scopes.find(expr.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(expr.id) ?? CostPath.none;
  }

  #sizeAt(path: readonly string[] | undefined): Range | undefined {
    return path === undefined || path.length === 0 ? undefined : this.#sizeOfPath(path);
  }

  #computedSize(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr.id) ?? sizeOfLiteral(expr);
    if (known !== undefined) return known;
    const bounded = this.#sizeAt(this.#pathOf(expr).steps());
    if (bounded !== undefined) {
      this.#sizes.set(expr.id, bounded);
      return bounded;
    }
    if (isScalar(this.#typeOf(expr))) return one;
    return expr.kind === 'ident' ? this.#scopes.find(expr.name)?.size : undefined;
  }

  #entrySizeOf(expr: Expr): EntrySize | undefined {
    const known = this.#entrySizes.get(expr.id);
    if (known !== undefined) return known;
    return expr.kind === 'ident' ? this.#scopes.find(expr.name)?.entrySize : undefined;
  }

  #setEntrySize(expr: Expr, size: EntrySize | undefined): void {
    if (size !== undefined) this.#entrySizes.set(expr.id, size);
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#computedSize(from);
    if (size !== undefined) this.#sizes.set(to.id, size);
    this.#setEntrySize(to, this.#entrySizeOf(from));
  }
}

function sum(ranges: readonly Range[]): Range {
  return ranges.reduce(addRanges, free);
}

/** Of nothing at all: no size. */
function unionOf(ranges: readonly Range[]): Range {
  return ranges.length === 0 ? free : ranges.reduce(unionRanges, nothing);
}

function unionEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { container: a.container, key: unionRanges(a.key, b.key), value: unionRanges(a.value, b.value) };
}

function isBinding(expr: ComprehensionExpr): boolean {
  const { range, condition } = expr;
  const empty = range.kind === 'list' && range.elements.length === 0;
  return empty && condition.kind === 'literal' && condition.value === false && expr.accumulator !== accumulatorName;
}

function sizeOfLiteral(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case 'literal':
      return sizeOfValue(expr.value);
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

function sizeOfValue(value: CelValue): Range | undefined {
  if (typeof value === 'string') return fixed(codePointCount(value));
  if (value instanceof Uint8Array) return fixed(value.length);
  return value instanceof CelList || value instanceof CelMap ? undefined : one;
}

function isScalar(type: CelType): boolean {
  switch (type.kind) {
    case 'bool':
    case 'double':
    case 'duration':
    case 'int':
    case 'timestamp':
    case 'uint':
      return true;
    case 'optional':
      return isScalar(type.value);
    default:
      return false;
  }
}
