import { objectAt } from '../../registry/fields.ts';
import { labelsText, nameColumn, textColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { containerColumns } from './columns.ts';
import { completePodTemplate } from './pod-defaults.ts';
import { templateErrors } from './pod-rules.ts';
import { templateWarnings } from './pod-warnings.ts';

/** KA-2 */
export const podTemplates = dataKind({
  group: '',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  allColumns: [
    nameColumn,
    ...containerColumns(['template'], 0),
    textColumn('Pod Labels', 'Labels of its pods.', (object) =>
      labelsText(objectAt(object, 'template', 'metadata', 'labels')),
    ),
  ],
  strategy: {
    deleteReturnsObject: true,
    hasGeneration: true,
    complete: (object) => ({ ...object, template: completePodTemplate(objectAt(object, 'template')) }),
    validate: (object) => templateErrors(objectAt(object, 'template'), 'template'),
    warnings: (object, old) => templateWarnings(object, old, 'template'),
  },
});
