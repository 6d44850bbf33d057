import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { Column, ResourceDefinition, SelectableField, Strategy, Subresource } from '../../registry/definition.ts';
import { objectAt, stringAt } from '../../registry/fields.ts';
import { atLeast, immutable } from '../checks.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent } from '../defaults.ts';
import { selectorColumn, templateColumns } from './columns.ts';
import { completeTemplate } from './pod-defaults.ts';
import { templateWarnings } from './pod-warnings.ts';
import { type StatusCounts, statusCountErrors } from './status-counts.ts';
import { lastingTemplateErrors, selectorErrors } from './validation.ts';

const scale: Subresource = {
  type: 'scale',
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};

export interface Workload {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly columns: readonly Column[];
  /** After the containers; default: the selector. */
  readonly lastColumns?: readonly Column[];
  readonly scales: boolean;
  readonly defaults: JsonObject;
  readonly statusCounts: StatusCounts;
  readonly complete?: (spec: JsonObject) => JsonObject;
  /** Before the template and the spec are completed. */
  readonly prepare?: (object: JsonObject) => JsonObject;
  /** The object with the volumes that its pods get besides those of the template. */
  readonly withVolumes?: (object: JsonObject) => JsonObject;
  readonly selectableFields?: readonly SelectableField[];
  readonly strategy?: Pick<
    Strategy,
    'prepareForCreate' | 'prepareForUpdate' | 'validateCreate' | 'alsoCounts' | 'statusKeeps'
  >;
  /** Beside those of the template. */
  readonly warnings?: Strategy['warnings'];
  readonly validate?: (object: JsonObject, spec: JsonObject) => readonly FieldError[];
  readonly validateUpdate?: (object: JsonObject, old: JsonObject) => readonly FieldError[];
}

const selectorStays = (object: JsonObject, old: JsonObject): FieldError[] => immutable(object, old, 'spec', 'selector');
const asItIs = (object: JsonObject): JsonObject => object;
const counts = ['replicas', 'minReadySeconds', 'revisionHistoryLimit'];

/** One kind of apps/v1: data with the defaults and the rules of Kubernetes; controllers are elsewhere. KA-3, KA-44 */
export function workload(options: Workload): ResourceDefinition {
  const { kind, plural, shortName, columns, scales, defaults, complete, validate } = options;
  const { validateUpdate = selectorStays } = options;
  const { prepare = asItIs, withVolumes = asItIs, selectableFields = [] } = options;
  return dataKind({
    group: 'apps',
    kind,
    plural,
    scope: 'Namespaced',
    shortNames: [shortName],
    categories: ['all'],
    allColumns: [
      nameColumn,
      ...columns,
      ageColumn,
      ...templateColumns,
      ...(options.lastColumns ?? [selectorColumn('spec', 'selector')]),
    ],
    subresources: scales ? { status, scale } : { status },
    selectableFields,
    strategy: {
      ...options.strategy,
      hasGeneration: true,
      complete: (object) => {
        const templated = completeTemplate(prepare(object));
        const spec = withAbsent(objectAt(templated, 'spec'), defaults);
        return { ...templated, spec: complete?.(spec) ?? spec };
      },
      validate: (object) => [
        ...selectorErrors(object),
        ...lastingTemplateErrors(withVolumes(object), kind === 'Deployment' ? 'ReplicaSet' : kind),
        ...counts.flatMap((field) => atLeast(objectAt(object, 'spec'), 'spec', field)),
        ...(validate?.(object, objectAt(object, 'spec')) ?? []),
      ],
      validateUpdate: (object, old) => [
        ...validateUpdate(object, old),
        ...statusCountErrors(object, old, options.statusCounts),
      ],
      warnings: (object, old) => [
        ...templateWarnings(object, old, 'spec', 'template'),
        ...(options.warnings?.(object, old) ?? []),
      ],
    },
  });
}

/** Sets what a rolling update may do, where the strategy is one. */
export function rolling(field: string, defaults: JsonObject): (spec: JsonObject) => JsonObject {
  return (spec) => {
    const strategy = withAbsent(objectAt(spec, field), { type: 'RollingUpdate' });
    if (stringAt(strategy, 'type') !== 'RollingUpdate') return { ...spec, [field]: strategy };
    return {
      ...spec,
      [field]: { ...strategy, rollingUpdate: withAbsent(objectAt(strategy, 'rollingUpdate'), defaults) },
    };
  };
}
