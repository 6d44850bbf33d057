import { addQuantities, compareQuantities, type JsonObject, type Quantity, zeroQuantity } from '@quarterdeck/machinery';
import { objectAt, objectsAt } from '../../registry/fields.ts';
import { quantityOrNone } from '../checks.ts';

const computed = ['cpu', 'memory'] as const;

/** How firmly a pod's resources are promised, which follows from its requests and limits. */
export function qosClass(spec: JsonObject): 'BestEffort' | 'Burstable' | 'Guaranteed' {
  const own = objectAt(spec, 'resources');
  const parts =
    Object.keys(own).length > 0
      ? [own]
      : [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'initContainers')].map((one) =>
          objectAt(one, 'resources'),
        );
  const requests = totals(parts, 'requests');
  const limits = totals(parts, 'limits');
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const areAllLimited = parts.every((part) => computed.every((name) => positive(part, 'limits', name) !== undefined));
  const areEqual = [...requests].every(([name, amount]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantities(limit, amount) === 0;
  });
  return areAllLimited && areEqual && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

function totals(parts: readonly JsonObject[], list: string): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const part of parts) {
    for (const name of computed) {
      const amount = positive(part, list, name);
      if (amount !== undefined) sums.set(name, addQuantities(sums.get(name) ?? zeroQuantity, amount));
    }
  }
  return sums;
}

function positive(part: JsonObject, list: string, name: string): Quantity | undefined {
  const amount = quantityOrNone(objectAt(part, list)[name]);
  return amount !== undefined && compareQuantities(amount, zeroQuantity) > 0 ? amount : undefined;
}
