import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenField, invalidField, numberAt, objectAt, stringAt } from '../../registry/fields.ts';
import { atLeast } from '../checks.ts';
import { cell } from '../columns.ts';
import { ratioColumn } from './columns.ts';
import { countOrShareErrors, shareOf } from './validation.ts';
import { rolling, workload } from './workload.ts';

const quarter = '25%';

function deploymentErrors(_: JsonObject, spec: JsonObject): FieldError[] {
  const strategy = objectAt(spec, 'strategy');
  const rollingUpdate = objectAt(strategy, 'rollingUpdate');
  const path = 'spec.strategy.rollingUpdate';
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  const minReady = numberAt(spec, 'minReadySeconds') ?? 0;
  const isRecreate = stringAt(strategy, 'type') === 'Recreate';
  return [
    ...(isRecreate && strategy.rollingUpdate !== undefined
      ? [forbiddenField(path, "may not be specified when strategy `type` is 'Recreate'")]
      : []),
    ...(isRecreate
      ? []
      : [
          ...countOrShareErrors(rollingUpdate, path, 'maxUnavailable', true),
          ...countOrShareErrors(rollingUpdate, path, 'maxSurge', false),
          ...(shareOf(rollingUpdate.maxUnavailable) === 0 && shareOf(rollingUpdate.maxSurge) === 0
            ? [
                invalidField(
                  `${path}.maxUnavailable`,
                  rollingUpdate.maxUnavailable,
                  'may not be 0 when `maxSurge` is 0',
                ),
              ]
            : []),
        ]),
    ...atLeast(spec, 'spec', 'progressDeadlineSeconds'),
    ...(deadline !== undefined && deadline <= minReady
      ? [invalidField('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
      : []),
  ];
}

export const deployments = workload({
  kind: 'Deployment',
  plural: 'deployments',
  shortName: 'deploy',
  scales: true,
  columns: [
    ratioColumn('Ready', 'Pods that are ready, of all wanted.', ['status', 'readyReplicas'], ['spec', 'replicas']),
    cell('Up-to-date', 'Pods of the newest template.', (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0),
    cell('Available', 'Pods that can be used.', (object) => numberAt(object, 'status', 'availableReplicas') ?? 0),
  ],
  defaults: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  statusCounts: {
    counts: [
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
    ],
    ofReplicas: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ready: 'readyReplicas',
  },
  strategy: { statusKeeps: ['labels'], alsoCounts: (object) => objectAt(object, 'metadata', 'annotations') },
  complete: rolling('strategy', { maxUnavailable: quarter, maxSurge: quarter }),
  validate: deploymentErrors,
});
