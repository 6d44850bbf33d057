import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type MapExpr,
  Operator,
  type ParsedExpression,
  type SelectExpr,
  type StructExpr,
} from './ast.ts';
import type { Declarations, Identifier } from './declarations.ts';
import { type CelIssue, issueAt } from './errors.ts';
import type { Overload } from './library.ts';
import { typeOfValue } from './type-of-value.ts';
import {
  boolType,
  type CelType,
  dynType,
  equalTypes,
  errorType,
  intType,
  listType,
  mapType,
  optionalType,
  printType,
  typeName,
  typeParam,
  typeParameters,
} from './types.ts';
import { Bindings, isDynOrError, mostGeneral, substitute, unify, unifyAll } from './unify.ts';

/** What a call was found to mean. */
export interface ResolvedCall {
  readonly name: string;
  /** In order of declaration: all that fit the types of the arguments. More than one only where some are dyn. */
  readonly overloads: readonly Overload[];
  /** `a.b(c)` is the function named `a.b`, not the function `b` of a target. */
  readonly namespaced: boolean;
}

/** A parsed expression with what the checker found out, by id of the expression. */
export interface CheckedExpression extends ParsedExpression {
  readonly types: ReadonlyMap<number, CelType>;
  /** Names, and selections that are names with dots. */
  readonly identifiers: ReadonlyMap<number, Identifier>;
  readonly calls: ReadonlyMap<number, ResolvedCall>;
  readonly resultType: CelType;
}

/** Gives each part of an expression its type. Issues are in the order of the source; with any the rest is unreliable. */
export function checkExpression(
  parsed: ParsedExpression,
  declarations: Declarations,
): { checked: CheckedExpression; issues: readonly CelIssue[] } {
  const checker = new Checker(parsed, declarations);
  checker.typeOf(parsed.root);
  const types = checker.finalTypes();
  const checked: CheckedExpression = {
    ...parsed,
    types,
    identifiers: checker.identifiers,
    calls: checker.calls,
    resultType: types.get(parsed.root.id) ?? errorType,
  };
  return { checked, issues: checker.issues.sort((a, b) => a.offset - b.offset) };
}

class Checker {
  readonly identifiers = new Map<number, Identifier>();
  readonly calls = new Map<number, ResolvedCall>();
  readonly issues: CelIssue[] = [];
  readonly #types = new Map<number, CelType>();
  readonly #parsed: ParsedExpression;
  readonly #declarations: Declarations;
  readonly #bindings = new Bindings();
  #scopes: readonly ReadonlyMap<string, CelType>[] = [];
  #freeParams = 0;

  constructor(parsed: ParsedExpression, declarations: Declarations) {
    this.#parsed = parsed;
    this.#declarations = declarations;
  }

  finalTypes(): ReadonlyMap<number, CelType> {
    return new Map([...this.#types].map(([id, type]) => [id, substitute(this.#bindings, type, true)]));
  }

  typeOf(expr: Expr): CelType {
    const type = this.#infer(expr);
    this.#types.set(expr.id, type);
    return type;
  }

  #infer(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOfValue(expr.value);
      case 'ident':
        return this.#named(expr, expr.name) ?? this.#undeclared(expr, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr.elements, expr.optionals);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  /** Notes what a name stands for; undefined when it stands for nothing. */
  #named(expr: Expr, name: string): CelType | undefined {
    const identifier = this.#lookup(name);
    if (identifier === undefined) return undefined;
    this.identifiers.set(expr.id, identifier);
    return identifier.type;
  }

  #lookup(name: string): Identifier | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    for (const scope of this.#scopes.toReversed()) {
      const type = scope.get(plain);
      if (type !== undefined) return { name: plain, type };
    }
    return this.#declarations.identifiers.get(plain);
  }

  #undeclared(expr: Expr, name: string): CelType {
    return this.#report(expr, `undeclared reference to '${name}' (in container '')`);
  }

  #report(at: { offset: number }, message: string): CelType {
    this.issues.push(issueAt(this.#parsed.source, at.offset, message));
    return errorType;
  }

  #mismatch(at: { offset: number }, expected: CelType, found: CelType): CelType {
    return this.#report(at, `expected type '${printType(expected)}' but found '${printType(found)}'`);
  }

  #fits(a: CelType, b: CelType): boolean {
    return unify(this.#bindings, a, b);
  }

  #resolved(type: CelType): CelType {
    return substitute(this.#bindings, type, false);
  }

  #freeParam(): CelType {
    const param = typeParam(`_var${this.#freeParams}`);
    this.#freeParams += 1;
    return param;
  }

  #select(expr: SelectExpr): CelType {
    const qualified = qualifiedName(expr);
    const named = qualified === undefined ? undefined : this.#named(expr, qualified);
    if (named !== undefined) return named;
    const type = this.#field(expr, expr.operand, expr.field, false);
    return expr.testOnly ? boolType : this.#resolved(type);
  }

  #field(expr: Expr, operand: Expr, field: string, optional: boolean): CelType {
    const whole = this.#resolved(this.typeOf(operand));
    const target = whole.kind === 'optional' ? whole.value : whole;
    const type = this.#fieldOf(expr, target, field);
    return optional || whole.kind === 'optional' ? optionalType(type) : type;
  }

  #fieldOf(expr: Expr, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.value;
      case 'object': {
        const fields = this.#declarations.provider.fieldsOf(target.name);
        if (fields === undefined) return this.#report(expr, `unexpected failed resolution of '${target.name}'`);
        return fields.get(field) ?? this.#report(expr, `undefined field '${field}'`);
      }
      case 'typeParam':
        this.#fits(dynType, target);
        return dynType;
      default:
        if (!isDynOrError(target)) {
          this.#report(expr, `type '${printType(target)}' does not support field selection`);
        }
        return dynType;
    }
  }

  #call(expr: CallExpr): CelType {
    if (expr.function === Operator.optionalSelect) return this.#optionalSelect(expr);
    const argTypes = expr.args.map((arg) => this.typeOf(arg));
    const plain = expr.function.startsWith('.') ? expr.function.slice(1) : expr.function;
    if (expr.target === undefined) return this.#resolve(expr, plain, argTypes, false);
    const prefix = qualifiedName(expr.target);
    const namespaced = prefix === undefined ? undefined : `${prefix.replace(/^\./, '')}.${expr.function}`;
    if (namespaced !== undefined && this.#declarations.functions.has(namespaced)) {
      return this.#resolve(expr, namespaced, argTypes, false);
    }
    return this.#resolve(expr, expr.function, [this.typeOf(expr.target), ...argTypes], true);
  }

  #optionalSelect(expr: CallExpr): CelType {
    const [operand, field] = expr.args as [Expr, Expr];
    const name = field.kind === 'literal' && typeof field.value === 'string' ? field.value : '';
    return this.#resolved(this.#field(expr, operand, name, true));
  }

  #resolve(expr: CallExpr, name: string, argTypes: readonly CelType[], member: boolean): CelType {
    const declared = this.#declarations.functions.get(name);
    if (declared === undefined) return this.#undeclared(expr, name);
    const overloads: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of declared) {
      if (overload.member !== member) continue;
      const fresh = this.#withFreshParams(overload);
      if (!unifyAll(this.#bindings, argTypes, fresh.params)) continue;
      overloads.push(overload);
      const type = this.#resolved(fresh.result);
      if (result === undefined) result = type;
      else if (result.kind !== 'dyn' && !equalTypes(result, type)) result = dynType;
    }
    if (result === undefined) return this.#noOverload(expr, name, argTypes, member);
    this.calls.set(expr.id, { name, overloads, namespaced: !member && expr.target !== undefined });
    return result;
  }

  #noOverload(expr: CallExpr, name: string, argTypes: readonly CelType[], member: boolean): CelType {
    const logical = name === Operator.and || name === Operator.or;
    if (logical) {
      expr.args.forEach((arg, index) => {
        const type = argTypes[index] as CelType;
        if (!this.#fits(type, boolType)) this.#mismatch(arg, boolType, type);
      });
      return errorType;
    }
    const printed = argTypes.map((type) => printType(substitute(this.#bindings, type, true)));
    const signature = member ? `${printed[0]}.(${printed.slice(1).join(', ')})` : `(${printed.join(', ')})`;
    return this.#report(expr, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  #withFreshParams(overload: Overload): { params: readonly CelType[]; result: CelType } {
    const names = new Set<string>();
    for (const type of [...overload.params, overload.result]) collectParams(type, names);
    if (names.size === 0) return overload;
    const fresh = new Map([...names].map((name) => [name, this.#freeParam()]));
    return {
      params: overload.params.map((param) => substitute(fresh, param, false)),
      result: substitute(fresh, overload.result, false),
    };
  }

  #list(elements: readonly Expr[], optionals: ReadonlySet<number>): CelType {
    let joined: CelType | undefined;
    elements.forEach((element, index) => {
      const type = this.typeOf(element);
      joined = this.#joined(joined, optionals.has(index) ? this.#unwrapped(element, type) : type);
    });
    return listType(joined ?? this.#freeParam());
  }

  #map(expr: MapExpr): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expr.entries) {
      key = this.#joined(key, this.typeOf(entry.key));
      const type = this.typeOf(entry.value);
      value = this.#joined(value, entry.optional ? this.#unwrapped(entry.value, type) : type);
    }
    return mapType(key ?? this.#freeParam(), value ?? this.#freeParam());
  }

  #unwrapped(expr: Expr, type: CelType): CelType {
    if (type.kind === 'optional') return type.value;
    if (type.kind !== 'dyn') this.#mismatch(expr, optionalType(type), type);
    return type;
  }

  /** Literals of mixed types are of dyn here; {@link literalIssues} has its own say. */
  #joined(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    return this.#fits(previous, current) ? mostGeneral(previous, current) : dynType;
  }

  #struct(expr: StructExpr): CelType {
    const plain = expr.typeName.replace(/^\./, '');
    const fields = this.#declarations.provider.fieldsOf(plain);
    if (fields === undefined) {
      const identifier = this.#lookup(plain);
      if (identifier === undefined) return this.#undeclared(expr, plain);
      const { type } = identifier;
      if (type.kind !== 'type') return this.#report(expr, `'${printType(type)}' is not a type`);
      return this.#report(expr, `'${typeName(type.type)}' is not a message type`);
    }
    for (const field of expr.fields) {
      const whole = this.typeOf(field.value);
      const found = field.optional ? this.#unwrapped(field.value, whole) : whole;
      const wanted = fields.get(field.name) ?? this.#report(field, `undefined field '${field.name}'`);
      if (!this.#fits(wanted, found)) {
        const types = `'${printType(wanted)}' but provided type is '${printType(found)}'`;
        this.#report(field, `expected type of field '${field.name}' is ${types}`);
      }
    }
    return { kind: 'object', name: plain };
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    const rangeType = this.typeOf(expr.range);
    const accumulatorType = this.typeOf(expr.initial);
    const [first, second] = this.#variableTypes(expr, this.#resolved(rangeType));
    const outer = this.#scopes;
    const withAccumulator = [...outer, new Map([[expr.accumulator, accumulatorType]])];
    const variables: [string, CelType][] =
      expr.variable2 === undefined
        ? [[expr.variable, first]]
        : [
            [expr.variable, first],
            [expr.variable2, second],
          ];
    this.#scopes = [...withAccumulator, new Map(variables)];
    this.#assert(expr.condition, boolType);
    this.#assert(expr.step, accumulatorType);
    this.#scopes = withAccumulator;
    const result = this.#resolved(this.typeOf(expr.result));
    this.#scopes = outer;
    return result;
  }

  #variableTypes(expr: ComprehensionExpr, range: CelType): readonly [CelType, CelType] {
    switch (range.kind) {
      case 'list':
        return expr.variable2 === undefined ? [range.element, errorType] : [intType, range.element];
      case 'map':
        return [range.key, range.value];
      case 'dyn':
      case 'error':
      case 'typeParam':
        this.#fits(dynType, range);
        return [dynType, dynType];
      default: {
        const problem = `cannot be range of a comprehension (must be list, map, or dynamic)`;
        this.#report(expr.range, `expression of type '${printType(range)}' ${problem}`);
        return [errorType, errorType];
      }
    }
  }

  #assert(expr: Expr, wanted: CelType): void {
    const type = this.typeOf(expr);
    if (!this.#fits(wanted, type)) this.#mismatch(expr, wanted, type);
  }
}

/** A chain of names, as one name with dots. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

function collectParams(type: CelType, into: Set<string>): void {
  if (type.kind === 'typeParam') into.add(type.name);
  for (const part of typeParameters(type)) collectParams(part, into);
}
