import { CelCostError } from './errors.ts';
import { absorbable, type Code, type Frame, type Step } from './frame.ts';
import type { Overload, OverloadCost } from './library.ts';
import { refusal } from './refusal.ts';
import type { CelType } from './types.ts';
import {
  CelDuration,
  CelList,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from './values.ts';

/**
 * Makes the step that calls the one of several overloads that fits the values at hand.
 * @param call one overload alone is called without a look when `checked`
 * @param checked whether the types of all arguments are known not to be dyn
 */
export function callStep(
  { name, overloads }: { readonly name: string; readonly overloads: readonly Overload[] },
  args: readonly Code[],
  checked: boolean,
): Step {
  const [only] = overloads;
  const steps = args.map((arg) => arg.run);
  const resolved = overloads.length === 1;
  const cost = resolved ? only?.cost : undefined;
  if (only !== undefined && resolved && checked) {
    return (frame) => charged(only, argumentsOf(steps, cost, frame), frame, true);
  }
  return (frame) => {
    const values = argumentsOf(steps, cost, frame);
    const overload =
      overloads.find(({ params }) => accepts(params, values, true)) ??
      (lookingInside.has(name) ? overloads.find(({ params }) => accepts(params, values, false)) : undefined);
    if (overload === undefined) throw refusal(name, values);
    return charged(overload, values, frame, resolved);
  };
}

/** A call whose argument has no value has none either, but it costs what it would: something may absorb the error. */
function argumentsOf(steps: readonly Step[], cost: OverloadCost | undefined, frame: Frame): CelValue[] {
  const values: CelValue[] = [];
  try {
    for (let index = 0; index < steps.length; index += 1) values.push((steps[index] as Step)(frame));
    return values;
  } catch (error) {
    const first = absorbable(error);
    values.push(noValue);
    while (values.length < steps.length) values.push(valueOrNone(steps[values.length] as Step, frame));
    frame.charge(cost?.actual?.(values, noValue) ?? 1);
    throw first;
  }
}

/** Stands for an error where costs are counted: of size 1. */
const noValue = true;

function valueOrNone(step: Step, frame: Frame): CelValue {
  try {
    return step(frame);
  } catch (error) {
    absorbable(error);
    return noValue;
  }
}

function charged(overload: Overload, values: readonly CelValue[], frame: Frame, resolved: boolean): CelValue {
  const { cost } = overload;
  const due = cost?.beforehand === true ? (cost.actual?.(values, noValue) ?? 1) : 1;
  if (cost?.actual === undefined || (!resolved && cost.onlyWhenResolved === true)) {
    // Kubernetes charges 1 whatever the values are; work that is beyond all limits is not begun for it.
    if (due > frame.remainingCost) throw new CelCostError();
    frame.charge(1);
    return overload.call(values, frame);
  }
  if (cost.beforehand === true) {
    frame.charge(due);
    return overload.call(values, frame);
  }
  const result = callOrCharge(overload, values, frame);
  frame.charge(cost.actual(values, result));
  return result;
}

/** A call that ends in an error costs what one with a small result does. */
function callOrCharge(overload: Overload, values: readonly CelValue[], frame: Frame): CelValue {
  try {
    return overload.call(values, frame);
  } catch (error) {
    const failure = absorbable(error);
    frame.charge(overload.cost?.actual?.(values, noValue) ?? 1);
    throw failure;
  }
}

/** These look at the elements themselves, and complain in their own words. */
const lookingInside: ReadonlySet<string> = new Set(['sort', '@sortByAssociatedKeys', 'flatten']);

/** @param deep whether the first elements of lists and maps count too */
function accepts(params: readonly CelType[], values: readonly CelValue[], deep: boolean): boolean {
  if (params.length !== values.length) return false;
  for (let index = 0; index < params.length; index += 1) {
    if (!fits(params[index] as CelType, values[index] as CelValue, deep)) return false;
  }
  return true;
}

/** Whether a value is of a type, as far as its shape tells. */
function fits(type: CelType, value: CelValue, deep: boolean): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'typeParam':
      return true;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'uint':
      return value instanceof CelUint;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof CelTimestamp;
    case 'duration':
      return value instanceof CelDuration;
    case 'list':
      return value instanceof CelList && (!deep || value.size === 0 || fits(type.element, value.at(0), true));
    case 'map':
      return value instanceof CelMap && (!deep || firstEntryFits(type.key, type.value, value));
    case 'optional':
      return value instanceof CelOptional;
    case 'type':
      return value instanceof CelTypeValue;
    case 'object':
    case 'opaque':
      return (
        (value instanceof CelOpaque && 'name' in value.type && value.type.name === type.name) ||
        (type.kind === 'object' && value instanceof CelMap)
      );
  }
}

function firstEntryFits(keyType: CelType, valueType: CelType, map: CelMap): boolean {
  for (const key of map.keys()) return fits(keyType, key, true) && fits(valueType, map.get(key) as CelValue, true);
  return true;
}
