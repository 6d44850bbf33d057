import type { JsonObject } from '@quarterdeck/machinery';
import type { Column, ResourceDefinition, Strategy, Subresource } from '../../registry/definition.ts';
import { objectAt, stringAt } from '../../registry/fields.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { countColumn, ratioColumn, selectorColumn, templateColumns } from './columns.ts';
import { completeTemplate, withAbsent } from './pod-defaults.ts';
import { immutableField, workloadErrors } from './validation.ts';

const scale: Subresource = {
  type: 'scale',
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};

interface Workload {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly columns: readonly Column[];
  readonly scales: boolean;
  readonly defaults: JsonObject;
  readonly complete?: (spec: JsonObject) => JsonObject;
}

/** One kind of apps/v1: data with the defaults that Kubernetes fills in; controllers are elsewhere. KA-3, KA-44 */
function workload({ kind, plural, shortName, columns, scales, defaults, complete }: Workload): ResourceDefinition {
  const strategy: Partial<Strategy> = {
    hasGeneration: true,
    complete: (object) => {
      const templated = completeTemplate(object);
      const spec = withAbsent(objectAt(templated, 'spec'), defaults);
      return { ...templated, spec: complete?.(spec) ?? spec };
    },
    validate: workloadErrors,
    validateUpdate: (object, old) => immutableField(object, old, 'spec', 'selector'),
  };
  return dataKind({
    group: 'apps',
    kind,
    plural,
    scope: 'Namespaced',
    shortNames: [shortName],
    categories: ['all'],
    allColumns: [nameColumn, ...columns, ageColumn, ...templateColumns, selectorColumn],
    subresources: scales ? { status, scale } : { status },
    strategy,
  });
}

const quarter = '25%';

/** Sets what a rolling update may do, where the strategy is one. */
function rolling(field: string, defaults: JsonObject): (spec: JsonObject) => JsonObject {
  return (spec) => {
    const strategy = withAbsent(objectAt(spec, field), { type: 'RollingUpdate' });
    if (stringAt(strategy, 'type') !== 'RollingUpdate') return { ...spec, [field]: strategy };
    return {
      ...spec,
      [field]: { ...strategy, rollingUpdate: withAbsent(objectAt(strategy, 'rollingUpdate'), defaults) },
    };
  };
}

export const deployments = workload({
  kind: 'Deployment',
  plural: 'deployments',
  shortName: 'deploy',
  scales: true,
  columns: [
    ratioColumn('Ready', 'Pods that are ready, of all wanted.', ['status', 'readyReplicas'], ['spec', 'replicas']),
    countColumn('Up-to-date', 'Pods of the newest template.', 'status', 'updatedReplicas'),
    countColumn('Available', 'Pods that can be used.', 'status', 'availableReplicas'),
  ],
  defaults: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  complete: rolling('strategy', { maxUnavailable: quarter, maxSurge: quarter }),
});

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
});

export const statefulSets = workload({
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortName: 'sts',
  scales: true,
  columns: [
    ratioColumn('Ready', 'Pods that are ready, of all wanted.', ['status', 'readyReplicas'], ['spec', 'replicas']),
  ],
  defaults: { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady', serviceName: '' },
  complete: rolling('updateStrategy', { partition: 0 }),
});

export const daemonSets = workload({
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortName: 'ds',
  scales: false,
  columns: [
    countColumn('Desired', 'Nodes that shall run it.', 'status', 'desiredNumberScheduled'),
    countColumn('Current', 'Nodes that run it.', 'status', 'currentNumberScheduled'),
    countColumn('Ready', 'Nodes where it is ready.', 'status', 'numberReady'),
    countColumn('Up-to-date', 'Nodes with the newest template.', 'status', 'updatedNumberScheduled'),
    countColumn('Available', 'Nodes where it can be used.', 'status', 'numberAvailable'),
    textColumn('Node Selector', 'Which nodes it is for.', (object) =>
      Object.entries(objectAt(object, 'spec', 'template', 'spec', 'nodeSelector'))
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(','),
    ),
  ],
  defaults: { revisionHistoryLimit: 10 },
  complete: rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
});
