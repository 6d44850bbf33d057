import { parseStructural, withObjectFrame } from '@quarterdeck/machinery';
import { ageColumn, nameColumn } from '../builtin/columns.ts';
import { allVerbs } from '../builtin/data-kind.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { stringAt, valueAt } from '../registry/fields.ts';

const integer = { type: 'integer', format: 'int32' };

/** A custom kind without a CRD: status, scale, a default, an enum, a list map, an open corner. */
export const widgets: ResourceDefinition = {
  group: 'x.io',
  plural: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  scope: 'Namespaced',
  shortNames: ['wd'],
  categories: ['all'],
  versions: [
    {
      name: 'v1',
      served: true,
      schema: withObjectFrame(
        parseStructural({
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                size: { ...integer, minimum: 0, default: 3 },
                color: { type: 'string', enum: ['red', 'green'] },
                replicas: integer,
                serial: { type: 'integer', format: 'int64' },
                open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                parts: {
                  type: 'array',
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name'],
                  items: {
                    type: 'object',
                    required: ['name'],
                    properties: { name: { type: 'string' }, count: integer },
                  },
                },
              },
            },
            status: {
              type: 'object',
              properties: { replicas: integer, phase: { type: 'string' }, selector: { type: 'string' } },
            },
          },
        }),
      ),
      columns: [
        nameColumn,
        {
          name: 'Color',
          type: 'string',
          description: '',
          priority: 0,
          value: (object) => {
            const color = valueAt(object, 'spec', 'color');
            return typeof color === 'string' ? color : undefined;
          },
        },
        ageColumn,
      ],
      subresources: {
        status: { type: 'status' },
        scale: {
          type: 'scale',
          specReplicasPath: '.spec.replicas',
          statusReplicasPath: '.status.replicas',
          labelSelectorPath: '.status.selector',
        },
      },
    },
  ],
  storageVersion: 'v1',
  origin: 'custom',
  verbs: allVerbs,
  strategy: { hasGeneration: true, allowCreateOnUpdate: false, allowUnconditionalUpdate: false },
  selectableFields: [{ path: 'spec.color', value: (object) => stringAt(object, 'spec', 'color') }],
};
