import { limitRanges } from '../builtin/policy/limit-ranges.ts';
import { resourceQuotas } from '../builtin/policy/resource-quotas.ts';
import { workloadDefinitions } from '../builtin/workloads/definitions.ts';
import type { ResourceDefinition } from '../registry/definition.ts';

/** Pods and what limits them, for tests of servers that have them. */
export const podKinds: readonly ResourceDefinition[] = Object.freeze([
  ...workloadDefinitions,
  limitRanges,
  resourceQuotas,
]);
