import type { CallEstimate, CostNode, OverloadCost } from '../library.ts';
import { CostFactor, fixed, scaleRange } from '../size.ts';
import { type CelType, equalTypes } from '../types.ts';
import { CelOpaque } from '../values.ts';
import { compareCost } from './overloads.ts';

/** Values of Kubernetes' libraries are compared at once, whatever their size. */
export const equalsCost: OverloadCost = {
  beforehand: true,
  estimate: (estimator, target, args) => {
    const [left, right] = args as [CostNode, CostNode];
    const known = equalTypes(left.type, right.type) ? estimateOf(left.type, right) : undefined;
    return known ?? compareCost.estimate?.(estimator, target, args) ?? { cost: fixed(1) };
  },
  actual: (args, result) => (args[0] instanceof CelOpaque ? 1 : (compareCost.actual?.(args, result) ?? 1)),
};

function estimateOf(type: CelType, right: CostNode): CallEstimate | undefined {
  if (type.kind === 'opaque') return { cost: fixed(1) };
  if (type.kind !== 'object') return undefined;
  switch (type.name) {
    case 'kubernetes.NamedFormat':
      return { cost: scaleRange({ min: 1, max: 64 }, CostFactor.string) };
    case 'kubernetes.URL':
      return { cost: scaleRange({ min: 1, max: right.computedSize?.max ?? 1 }, CostFactor.string) };
    case 'kubernetes.Quantity':
    case 'kubernetes.Semver':
      return { cost: fixed(1) };
    default:
      return type.name.startsWith('kubernetes.authorization.') ? { cost: fixed(1) } : undefined;
  }
}
