import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt, valueAt } from '../../registry/fields.ts';
import { atLeast, conditionTimes, oneOf, selectorProblems } from '../checks.ts';
import { cell, countColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { countOrShareErrors } from './validation.ts';

function validate(budget: JsonObject): FieldError[] {
  const spec = objectAt(budget, 'spec');
  const both = valueAt(spec, 'minAvailable') !== undefined && valueAt(spec, 'maxUnavailable') !== undefined;
  return [
    ...(both ? [invalidField('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...countOrShareErrors(spec, 'spec', 'minAvailable', true),
    ...countOrShareErrors(spec, 'spec', 'maxUnavailable', true),
    ...selectorProblems(spec, 'spec', 'selector'),
    ...oneOf(spec, 'spec', 'unhealthyPodEvictionPolicy', ['AlwaysAllow', 'IfHealthyBudget']),
    ...conditionTimes(budget),
    ...['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].flatMap((field) =>
      atLeast(objectAt(budget, 'status'), 'status', field),
    ),
  ];
}

const bound = (field: string) => (budget: JsonObject) => {
  const value = valueAt(budget, 'spec', field);
  return value === undefined ? 'N/A' : String(value);
};

/** KA-3 */
export const podDisruptionBudgets = dataKind({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
  shortNames: ['pdb'],
  columns: [
    cell('Min Available', 'Pods that must stay.', bound('minAvailable')),
    cell('Max Unavailable', 'Pods that may be down.', bound('maxUnavailable')),
    countColumn('Allowed Disruptions', 'Pods that may go now.', 'status', 'disruptionsAllowed'),
  ],
  subresources: { status },
  strategy: { hasGeneration: true, allowUnconditionalUpdate: false, validate },
});
