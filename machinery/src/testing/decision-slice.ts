import { label, PlacementDecision } from '@quarterdeck/apis';
import type { DecisionSlice } from '../decisions/decision.ts';
import { stored } from './builders.ts';

/** The marks of a slice; absent: the label is not there. */
export interface SliceMarks {
  readonly key?: string;
  readonly index?: number | string;
  readonly revision?: number | string;
  readonly namespace?: string;
  readonly scheduler?: string;
}

/** A slice with its marks, and clusters as `name` or `namespace/name`. */
export function decisionSlice(name: string, clusters: readonly string[], marks: SliceMarks = {}): DecisionSlice {
  const { key, index, revision, namespace = 'ns', scheduler } = marks;
  const labels = {
    ...(key === undefined ? {} : { [label.decisionKey]: key }),
    ...(index === undefined ? {} : { [label.decisionIndex]: String(index) }),
    ...(revision === undefined ? {} : { [label.decisionRevision]: String(revision) }),
  };
  return stored<PlacementDecision>({
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: PlacementDecision.kind,
    metadata: { name, namespace, labels },
    decisions: clusters.map((text) => {
      const [first = '', second] = text.split('/');
      const ref = second === undefined ? { name: first } : { namespace: first, name: second };
      return { clusterProfileRef: ref };
    }),
    ...(scheduler === undefined ? {} : { schedulerName: scheduler }),
  });
}
