import { CelEvaluationError } from './errors.ts';
import { absorbable, type Code, type Frame, Pending, type Step } from './frame.ts';
import { typeOfValue } from './type-of-value.ts';
import { CelList, CelMap, type CelValue } from './values.ts';

/** The compiled parts of a comprehension, and the slots of its variables. */
export interface FoldParts {
  readonly range: Code;
  readonly initial: Code;
  readonly condition: Code;
  readonly step: Code;
  readonly result: Code;
  readonly accumulator: number;
  readonly variable: number;
  readonly variable2: number | undefined;
}

/** Makes the step that runs a comprehension. An error in it ends it, unless its condition can still look at the error. */
export function foldStep(parts: FoldParts): Step {
  const { range, initial, result, accumulator } = parts;
  const each = parts.condition.constant?.value === false ? undefined : eachStep(parts);
  return (frame) => {
    const over = range.run(frame);
    frame.slots[accumulator] = each === undefined ? new Pending(initial.run) : initial.run(frame);
    if (!(over instanceof CelList || over instanceof CelMap)) throw noRange(over, parts.variable2 !== undefined);
    if (each !== undefined) walk(parts, over, each, frame);
    return result.run(frame);
  };
}

/** One turn of the loop; false to end it. */
type Turn = (frame: Frame) => boolean;

function eachStep(parts: FoldParts): Turn {
  const { accumulator } = parts;
  const condition = parts.condition.run;
  const step = parts.step.run;
  if (parts.condition.constant?.value === true) {
    return (frame) => {
      frame.slots[accumulator] = step(frame);
      return true;
    };
  }
  return (frame) => {
    if (condition(frame) !== true) return false;
    try {
      frame.slots[accumulator] = step(frame);
    } catch (error) {
      frame.slots[accumulator] = absorbable(error);
    }
    return true;
  };
}

function walk(parts: FoldParts, over: CelList | CelMap, turn: Turn, frame: Frame): void {
  if (over instanceof CelList) walkList(parts, over, turn, frame);
  else walkMap(parts, over, turn, frame);
}

function walkList({ variable, variable2 }: FoldParts, list: CelList, turn: Turn, frame: Frame): void {
  const { slots } = frame;
  const count = list.size;
  for (let index = 0; index < count; index += 1) {
    if (variable2 === undefined) {
      slots[variable] = list.at(index);
    } else {
      slots[variable] = BigInt(index);
      slots[variable2] = list.at(index);
    }
    if (!turn(frame)) return;
  }
}

function walkMap({ variable, variable2 }: FoldParts, map: CelMap, turn: Turn, frame: Frame): void {
  for (const key of map.keys()) {
    frame.slots[variable] = key;
    if (variable2 !== undefined) frame.slots[variable2] = map.get(key) as CelValue;
    if (!turn(frame)) return;
  }
}

/** In the words of Kubernetes, which name the type in its own language. */
function noRange(value: CelValue, twoVariables: boolean): CelEvaluationError {
  const { kind } = typeOfValue(value);
  const name = `types.${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return new CelEvaluationError(
    twoVariables ? `unsupported comprehension range type: ${name}` : `got '${name}', expected iterable type`,
  );
}
