import {
  type ClusterSet,
  ClusterSetBinding,
  ClusterSetBindingReason,
  conditionType,
  type Stored,
  setCondition,
} from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { equalParts } from '../../equal.ts';
import { isTerminating } from '../../metadata.ts';
import { updateStatus, type Write } from '../../writes.ts';

export interface Seen {
  readonly binding: Stored<ClusterSetBinding>;
  readonly set: Stored<ClusterSet> | undefined;
}

export interface Decision {
  readonly writes: readonly Write[];
}

/** Says whether the bound set exists. The right to bind was checked when the binding was written. Pure and total. */
export function decide({ binding, set }: Seen, now: EpochMs): Decision {
  const observedGeneration = binding.metadata.generation ?? 0;
  const type = conditionType.ClusterSetBinding.Bound;
  const conditions = setCondition(
    binding.status?.conditions,
    { type, ...verdict(binding.spec.clusterSet, set), observedGeneration },
    now,
  );
  const status = { ...binding.status, conditions };
  return {
    writes: equalParts(status, binding.status) ? [] : [updateStatus(ClusterSetBinding, { ...binding, status })],
  };
}

function verdict(name: string, set: Stored<ClusterSet> | undefined) {
  if (set === undefined) {
    const message = `there is no ClusterSet ${name}`;
    return { status: 'False' as const, reason: ClusterSetBindingReason.ClusterSetNotFound, message };
  }
  if (isTerminating(set)) {
    const message = `ClusterSet ${name} is being deleted`;
    return { status: 'False' as const, reason: ClusterSetBindingReason.ClusterSetTerminating, message };
  }
  return { status: 'True' as const, reason: ClusterSetBindingReason.Bound, message: '' };
}
