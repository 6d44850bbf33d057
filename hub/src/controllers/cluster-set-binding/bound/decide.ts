import {
  type ClusterSet,
  ClusterSetBinding,
  ClusterSetBindingReason,
  conditionType,
  findCondition,
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

/**
 * Says whether the bound set exists, and of one that does not, whether it did: then what was chosen from it stays. PL-21
 * The right to bind was checked when the binding was written. Pure and total.
 */
export function decide({ binding, set }: Seen, now: EpochMs): Decision {
  const observedGeneration = binding.metadata.generation ?? 0;
  const type = conditionType.ClusterSetBinding.Bound;
  const conditions = setCondition(
    binding.status?.conditions,
    { type, ...verdict(binding, set), observedGeneration },
    now,
  );
  const status = { ...binding.status, conditions };
  return {
    writes: equalParts(status, binding.status) ? [] : [updateStatus(ClusterSetBinding, { ...binding, status })],
  };
}

function verdict(binding: Stored<ClusterSetBinding>, set: Stored<ClusterSet> | undefined) {
  const name = binding.spec.clusterSet;
  if (set === undefined && wasThere(binding)) {
    const message = `there is no ClusterSet ${name} any more: what placements have chosen from it stays, and they choose nothing more; make it again, or delete this binding, and they let go`;
    return { status: 'False' as const, reason: ClusterSetBindingReason.ClusterSetRemoved, message };
  }
  if (set === undefined) {
    const message = `there is no ClusterSet ${name}: nothing is chosen from it until there is`;
    return { status: 'False' as const, reason: ClusterSetBindingReason.ClusterSetNotFound, message };
  }
  if (isTerminating(set)) {
    const message = `ClusterSet ${name} is being deleted`;
    return { status: 'False' as const, reason: ClusterSetBindingReason.ClusterSetTerminating, message };
  }
  return { status: 'True' as const, reason: ClusterSetBindingReason.Bound, message: '' };
}

/** Whether this binding, as it is written now, was seen with its set. */
function wasThere({ metadata, status }: Stored<ClusterSetBinding>): boolean {
  const before = findCondition(status?.conditions, conditionType.ClusterSetBinding.Bound);
  return (
    before?.observedGeneration === metadata.generation && before?.reason !== ClusterSetBindingReason.ClusterSetNotFound
  );
}
