import { numberAt } from '../../registry/fields.ts';
import { countColumn } from '../columns.ts';
import { workload } from './workload.ts';

export const replicaSets = workload({
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortName: 'rs',
  scales: true,
  columns: [
    countColumn('Desired', 'Pods wanted.', 'spec', 'replicas'),
    countColumn('Current', 'Pods that exist.', 'status', 'replicas'),
    countColumn('Ready', 'Pods that are ready.', 'status', 'readyReplicas'),
  ],
  defaults: { replicas: 1 },
  statusCounts: {
    counts: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas'],
    ofReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  },
  selectableFields: [{ path: 'status.replicas', value: (set) => String(numberAt(set, 'status', 'replicas') ?? 0) }],
});
