import type { ResourceDefinition } from '../../registry/definition.ts';
import { services } from '../network/services.ts';
import { daemonSets } from './daemon-sets.ts';
import { deployments } from './deployments.ts';
import { jobs } from './jobs.ts';
import { nodes } from './nodes.ts';
import { simulatedPods } from './pods.ts';
import { replicaSets } from './replica-sets.ts';
import { statefulSets } from './stateful-sets.ts';

/** Kinds of clusters that run something, as data: registered by who simulates such a cluster. KA-3 */
export const workloadDefinitions: readonly ResourceDefinition[] = Object.freeze([
  simulatedPods,
  nodes,
  services,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
]);
