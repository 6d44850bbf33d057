import { CelEvaluationError } from './errors.ts';
import { typeOfValue } from './type-of-value.ts';
import { printType } from './types.ts';
import { CelList, CelMap, CelOptional, CelUint, type CelValue } from './values.ts';

/**
 * What stands under a key or index of a value; undefined when nothing does.
 * Throws CelEvaluationError when the key cannot be one of the value.
 */
export function lookUp(container: CelValue, key: CelValue): CelValue | undefined {
  if (container instanceof CelMap) return container.get(mapKey(key));
  if (container instanceof CelList) {
    const index = listIndex(key);
    return index >= 0 && index < container.size ? container.at(index) : undefined;
  }
  return undefined;
}

/** `a.b` and `a[b]`: {@link lookUp}, where nothing found is an error. */
export function select(container: CelValue, key: CelValue): CelValue {
  const found = lookUp(container, key);
  if (found !== undefined) return found;
  throw new CelEvaluationError(
    container instanceof CelList ? `index out of bounds: ${printKey(key)}` : `no such key: ${printKey(key)}`,
  );
}

/** {@link select} from what may be absent: absent then too. */
export function selectOptional(container: CelOptional, key: CelValue): CelOptional {
  const found = container.value === undefined ? undefined : lookUp(container.value, key);
  return found === undefined ? CelOptional.none : new CelOptional(found);
}

function mapKey(key: CelValue): CelValue {
  if (typeof key === 'object' && !(key instanceof CelUint)) throw new CelEvaluationError('unsupported key type');
  return key;
}

function listIndex(key: CelValue): number {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof CelUint && key.value < 1n << 63n) return Number(key.value);
  if (typeof key === 'number' && Number.isInteger(key)) return key;
  const isNumber = typeof key === 'number' || key instanceof CelUint;
  const problem = isNumber ? `value ${printKey(key)}` : `type '${printType(typeOfValue(key))}'`;
  throw new CelEvaluationError(`unsupported index ${problem} in list`);
}

function printKey(key: CelValue): string {
  return key instanceof CelUint ? String(key.value) : String(key);
}
