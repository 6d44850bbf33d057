import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, numberAt, objectAt, requiredField, valueAt, withValue } from '../../registry/fields.ts';
import { atLeast } from '../checks.ts';
import { ageColumn, countColumn, labelsText, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent } from '../defaults.ts';
import { templateColumns } from './columns.ts';
import { completeTemplate } from './pod-defaults.ts';
import { templateWarnings } from './pod-warnings.ts';
import { type StatusCounts, statusCountErrors } from './status-counts.ts';
import { lastingTemplateErrors } from './validation.ts';

function validate(controller: JsonObject): FieldError[] {
  const spec = objectAt(controller, 'spec');
  const selector = objectAt(spec, 'selector');
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  const matches = Object.entries(selector).every(([key, value]) => labels[key] === value);
  return [
    ...atLeast(spec, 'spec', 'replicas'),
    ...atLeast(spec, 'spec', 'minReadySeconds'),
    ...(Object.keys(selector).length === 0 ? [requiredField('spec.selector')] : []),
    ...(valueAt(spec, 'template') === undefined
      ? [requiredField('spec.template')]
      : [
          ...(matches
            ? []
            : [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
          ...lastingTemplateErrors(controller, 'ReplicationController'),
        ]),
  ];
}

/** The labels of the template select its pods, and are the controller's own, where it says nothing. */
function complete(controller: JsonObject): JsonObject {
  const templated = valueAt(controller, 'spec', 'template') === undefined ? controller : completeTemplate(controller);
  const spec = withAbsent(objectAt(templated, 'spec'), { replicas: 1 });
  const filled = { ...templated, spec };
  const labels = objectAt(spec, 'template', 'metadata', 'labels');
  if (Object.keys(labels).length === 0) return filled;
  const isEmpty = (...path: readonly string[]) => Object.keys(objectAt(filled, ...path)).length === 0;
  const selecting = isEmpty('spec', 'selector') ? withValue(filled, ['spec', 'selector'], { ...labels }) : filled;
  return isEmpty('metadata', 'labels') ? withValue(selecting, ['metadata', 'labels'], { ...labels }) : selecting;
}

const statusCounts: StatusCounts = {
  counts: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  ofReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  ready: 'readyReplicas',
};

/** KA-3 */
export const replicationControllers = dataKind({
  group: '',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
  shortNames: ['rc'],
  categories: ['all'],
  allColumns: [
    nameColumn,
    countColumn('Desired', 'Pods wanted.', 'spec', 'replicas'),
    countColumn('Current', 'Pods that exist.', 'status', 'replicas'),
    countColumn('Ready', 'Pods that are ready.', 'status', 'readyReplicas'),
    ageColumn,
    ...templateColumns,
    textColumn('Selector', 'Which pods belong to it.', (object) => labelsText(objectAt(object, 'spec', 'selector')), 1),
  ],
  selectableFields: [
    { path: 'status.replicas', value: (object) => String(numberAt(object, 'status', 'replicas') ?? 0) },
  ],
  subresources: {
    status,
    scale: {
      type: 'scale',
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.spec.selector',
    },
  },
  strategy: {
    hasGeneration: true,
    complete,
    validate,
    validateUpdate: (object, old) => statusCountErrors(object, old, statusCounts),
    warnings: (object, old) => templateWarnings(object, old, 'spec', 'template'),
  },
});
