import { type CelType, dynType, equalTypes, typeName, typeParameters } from './types.ts';

/** What type parameters stand for so far, with what each was before: an attempt that fails is taken back. */
export class Bindings {
  readonly #types = new Map<string, CelType>();
  readonly #before: (readonly [string, CelType | undefined])[] = [];

  get(name: string): CelType | undefined {
    return this.#types.get(name);
  }

  set(name: string, type: CelType): void {
    this.#before.push([name, this.#types.get(name)]);
    this.#types.set(name, type);
  }

  /** Runs an attempt; what it bound stays only when it succeeds. */
  attempt(run: () => boolean): boolean {
    const mark = this.#before.length;
    if (run()) return true;
    for (const [name, type] of this.#before.splice(mark).reverse()) {
      if (type === undefined) this.#types.delete(name);
      else this.#types.set(name, type);
    }
    return false;
  }
}

/** Whether a value of one type may stand where the other is wanted; binds parameters as needed. */
export function unify(bindings: Bindings, a: CelType, b: CelType): boolean {
  return unifyAll(bindings, [a], [b]);
}

/** {@link unify} for each pair; lists of different lengths do not fit. */
export function unifyAll(bindings: Bindings, a: readonly CelType[], b: readonly CelType[]): boolean {
  return bindings.attempt(() => fitsAll(bindings, a, b));
}

/** Puts what is bound in place of the parameters. @param freeToDyn whether parameters that nothing bound become dyn */
export function substitute(bindings: Pick<Bindings, 'get'>, type: CelType, freeToDyn: boolean): CelType {
  const inner = (part: CelType) => substitute(bindings, part, freeToDyn);
  switch (type.kind) {
    case 'typeParam': {
      const bound = bindings.get(type.name);
      if (bound !== undefined) return inner(bound);
      return freeToDyn ? dynType : type;
    }
    case 'list':
      return { kind: 'list', element: inner(type.element) };
    case 'map':
      return { kind: 'map', key: inner(type.key), value: inner(type.value) };
    case 'optional':
      return { kind: 'optional', value: inner(type.value) };
    case 'type':
      return { kind: 'type', type: inner(type.type) };
    case 'opaque':
      return type.params.length === 0 ? type : { ...type, params: type.params.map(inner) };
    default:
      return type;
  }
}

/** The more general of two types that fit one another. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  if (b.kind === 'null') return a;
  return isNoMoreSpecific(a, b) ? a : b;
}

export function isDynOrError(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

function fitsAll(bindings: Bindings, a: readonly CelType[], b: readonly CelType[]): boolean {
  return a.length === b.length && a.every((type, index) => fits(bindings, type, b[index] as CelType));
}

function fits(bindings: Bindings, a: CelType, b: CelType): boolean {
  if (b.kind === 'typeParam') {
    const bound = bind(bindings, b, a);
    if (bound !== 'free') return bound;
  }
  if (a.kind === 'typeParam') return bind(bindings, a, b) === true;
  if (isDynOrError(a) || isDynOrError(b)) return true;
  if (a.kind === 'null') return acceptsNull(b);
  if (b.kind === 'null') return acceptsNull(a);
  if (a.kind === 'type') return b.kind === 'type';
  if (a.kind !== b.kind || typeName(a) !== typeName(b)) return false;
  return fitsAll(bindings, typeParameters(a), typeParameters(b));
}

/**
 * Lets a parameter stand for a type.
 * @returns `free` when it stands for nothing yet and cannot stand for this, because the type contains it
 */
function bind(bindings: Bindings, param: CelType & { kind: 'typeParam' }, type: CelType): boolean | 'free' {
  if (equalTypes(param, type)) return true;
  const known = bindings.get(param.name);
  if (known === undefined) {
    if (contains(bindings, type, param)) return 'free';
    bindings.set(param.name, type);
    return true;
  }
  if (equalTypes(type, known)) return true;
  if (!fits(bindings, type, known)) return false;
  const general = mostGeneral(type, known);
  if (!contains(bindings, general, param)) bindings.set(param.name, general);
  return true;
}

function contains(bindings: Bindings, type: CelType, param: CelType & { kind: 'typeParam' }): boolean {
  if (type.kind !== 'typeParam') return typeParameters(type).some((part) => contains(bindings, part, param));
  if (type.name === param.name) return true;
  const bound = bindings.get(type.name);
  return bound !== undefined && contains(bindings, bound, param);
}

function acceptsNull(type: CelType): boolean {
  return ['null', 'object', 'opaque', 'optional', 'timestamp', 'duration'].includes(type.kind);
}

function isNoMoreSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'typeParam') return true;
  if (b.kind === 'dyn' || b.kind === 'typeParam' || a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (typeName(a) !== typeName(b)) return false;
  const others = typeParameters(b);
  return typeParameters(a).every((part, index) => isNoMoreSpecific(part, others[index] as CelType));
}
