import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt, stringAt } from '../../registry/fields.ts';
import { dnsLabelProblems } from '../../registry/names.ts';
import { immutable } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { resourceErrors } from './container-rules.ts';

function validate(runtimeClass: JsonObject): FieldError[] {
  const handler = stringAt(runtimeClass, 'handler');
  return [
    ...dnsLabelProblems(handler).map((problem) => invalidField('handler', handler, problem)),
    ...resourceErrors({ limits: objectAt(runtimeClass, 'overhead', 'podFixed') }, 'overhead'),
  ];
}

/** KA-3 */
export const runtimeClasses = dataKind({
  group: 'node.k8s.io',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  columns: [cell('Handler', 'What the nodes call it.', (runtimeClass) => stringAt(runtimeClass, 'handler'))],
  strategy: {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    validate,
    validateUpdate: (runtimeClass, old) => immutable(runtimeClass, old, 'handler'),
  },
});
