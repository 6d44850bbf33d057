import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import type { Strategy } from '../../registry/definition.ts';
import { invalidField, objectAt, requiredField, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { countColumn, labelsText, textColumn } from '../columns.ts';
import { countOrShareErrors, shareOf } from './validation.ts';
import { rolling, workload } from './workload.ts';

/** How often the template changed, for those who read it where it used to be. */
const templateGeneration = 'deprecated.daemonset.template.generation';

function withTemplateGeneration(object: JsonObject, value = '0'): JsonObject {
  const known = stringAt(object, 'metadata', 'annotations', templateGeneration);
  return known !== '' && value === '0'
    ? object
    : withValue(object, ['metadata', 'annotations', templateGeneration], value);
}

const daemonSetStrategy: Pick<Strategy, 'prepareForCreate' | 'prepareForUpdate'> = {
  prepareForCreate: (object) => withTemplateGeneration(object, '1'),
  prepareForUpdate: (object, old) => {
    const before = Number(stringAt(old, 'metadata', 'annotations', templateGeneration)) || 0;
    const same = equalValues(objectAt(object, 'spec', 'template'), objectAt(old, 'spec', 'template'));
    return withTemplateGeneration(object, String(same ? before : before + 1));
  },
};

function daemonSetErrors(_: JsonObject, spec: JsonObject): FieldError[] {
  const strategy = objectAt(spec, 'updateStrategy');
  if (stringAt(strategy, 'type') !== 'RollingUpdate') return [];
  const rollingUpdate = objectAt(strategy, 'rollingUpdate');
  const path = 'spec.updateStrategy.rollingUpdate';
  const down = shareOf(rollingUpdate.maxUnavailable) !== 0;
  const up = shareOf(rollingUpdate.maxSurge) !== 0;
  return [
    ...countOrShareErrors(rollingUpdate, path, 'maxUnavailable', true),
    ...countOrShareErrors(rollingUpdate, path, 'maxSurge', true),
    ...(down && up
      ? [
          invalidField(
            `${path}.maxSurge`,
            valueAt(rollingUpdate, 'maxSurge'),
            'may not be set when maxUnavailable is non-zero',
          ),
        ]
      : []),
    ...(!down && !up ? [requiredField(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
  ];
}

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
      labelsText(objectAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
    ),
  ],
  defaults: { revisionHistoryLimit: 10 },
  statusCounts: {
    counts: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
    ],
  },
  complete: rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
  prepare: (object) => withTemplateGeneration(object),
  strategy: daemonSetStrategy,
  validate: daemonSetErrors,
});
