import { CelEvaluationError } from './errors.ts';
import { absorbable, attribute, type Code, constant, Frame, Pending, type Step } from './frame.ts';
import { select, selectOptional } from './qualify.ts';
import { CelList, CelOptional, CelUint, type CelValue, equalCelValues } from './values.ts';

/** There is no value, for this reason. */
export function fail(message: string): never {
  throw new CelEvaluationError(message);
}

/** The value itself, without the charge for it where it is only a way to another. */
export function found(code: Code): Step {
  return code.find ?? code.run;
}

/** Reads a variable of a comprehension. */
export function slotStep(slot: number): Step {
  return (frame) => {
    const held = frame.slots[slot] as CelValue | CelEvaluationError | Pending;
    const value = held instanceof Pending ? held.settle(frame, slot) : held;
    if (value instanceof CelEvaluationError) throw value;
    return value;
  };
}

/** `a.b` and `a[b]`; with `optional`, or from what may be absent, absent where nothing is found. */
export function qualified(base: Code, key: Step, optional: boolean): Code {
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
export function logical(left: Code, right: Code, decisive: boolean): Code {
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
      try {
        const value = b(frame);
        if (value === decisive) return decisive;
        if (error === undefined) return value === !decisive ? value : fail('no such overload');
      } catch (thrown) {
        // Of two errors the left one counts.
        const second = absorbable(thrown);
        error ??= second;
      }
      throw error;
    },
  };
}

/** `?:`. It is as free as the side that it comes to. */
export function conditional(condition: Code, then: Code, otherwise: Code): Code {
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

/** True for an error as well: what lets a quantifier go on. */
export function notStrictlyFalse(argument: Code): Code {
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
export function orElse(first: Code, second: Code, unwrap: boolean): Code {
  return {
    run: (frame) => {
      const optional = first.run(frame);
      if (!(optional instanceof CelOptional)) return optional;
      if (optional.value === undefined) return second.run(frame);
      return unwrap ? optional.value : optional;
    },
  };
}

/** A list or map literal; one of constants is made once. */
export function literal(parts: readonly Code[], make: Step, cost: number): Code {
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

/** What an entry marked with `?` adds; undefined when it adds nothing. */
export function presentOf(value: CelValue): CelValue | undefined {
  if (value instanceof CelOptional) return value.value;
  return fail('cannot initialize optional entry from a value that is not optional');
}

/** Whatever is not a list, a map or the like may be a key; of equal keys the last one counts. */
export function mapKey(key: CelValue): CelValue {
  return typeof key !== 'object' || key === null || key instanceof CelUint ? key : fail('unsupported key type');
}

/** The elements of a constant list when they all are plain; undefined when they must be compared the long way. */
export function constantMembers(list: CelValue): readonly CelValue[] | undefined {
  if (!(list instanceof CelList)) return undefined;
  const members = [...list];
  return members.every((item) => item instanceof CelUint || (typeof item !== 'object' && item !== null))
    ? members
    : undefined;
}

/** `x in ['a', 'b']` costs no more than `x`. */
export function inConstants(item: Code, members: readonly CelValue[]): Code {
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
