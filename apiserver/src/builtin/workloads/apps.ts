import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import type { Column, ResourceDefinition, Strategy, Subresource } from '../../registry/definition.ts';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { dnsLabelProblems } from '../../registry/names.ts';
import { atLeast, immutable, named } from '../checks.ts';
import { ageColumn, cell, countColumn, labelsText, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withEach } from '../defaults.ts';
import { ratioColumn, selectorColumn, templateColumns } from './columns.ts';
import { completeTemplate } from './pod-defaults.ts';
import { countOrShareErrors, lastingTemplateErrors, selectorErrors, shareOf } from './validation.ts';

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
  /** After the containers; default: the selector. */
  readonly lastColumns?: readonly Column[];
  readonly scales: boolean;
  readonly defaults: JsonObject;
  readonly complete?: (spec: JsonObject) => JsonObject;
  readonly strategy?: Pick<Strategy, 'prepareForCreate' | 'prepareForUpdate'>;
  readonly validate?: (object: JsonObject, spec: JsonObject) => readonly FieldError[];
  readonly validateUpdate?: (object: JsonObject, old: JsonObject) => readonly FieldError[];
}

const counts = ['replicas', 'minReadySeconds', 'revisionHistoryLimit'];

/** One kind of apps/v1: data with the defaults and the rules of Kubernetes; controllers are elsewhere. KA-3, KA-44 */
function workload(options: Workload): ResourceDefinition {
  const { kind, plural, shortName, columns, scales, defaults, complete, validate, validateUpdate } = options;
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
    selectableFields:
      kind === 'ReplicaSet'
        ? [{ path: 'status.replicas', value: (set) => String(numberAt(set, 'status', 'replicas') ?? 0) }]
        : [],
    strategy: {
      ...options.strategy,
      hasGeneration: true,
      complete: (object) => {
        const templated = completeTemplate(kind === 'DaemonSet' ? withTemplateGeneration(object) : object);
        const spec = withAbsent(objectAt(templated, 'spec'), defaults);
        return { ...templated, spec: complete?.(spec) ?? spec };
      },
      validate: (object) => [
        ...selectorErrors(object),
        ...lastingTemplateErrors(withClaimVolumes(object), kind === 'Deployment' ? 'ReplicaSet' : kind),
        ...counts.flatMap((field) => atLeast(objectAt(object, 'spec'), 'spec', field)),
        ...(validate?.(object, objectAt(object, 'spec')) ?? []),
      ],
      validateUpdate: validateUpdate ?? ((object, old) => immutable(object, old, 'spec', 'selector')),
    },
  });
}

/** Claims of a stateful set are volumes of its pods. */
function withClaimVolumes(object: JsonObject): JsonObject {
  const claims = objectsAt(object, 'spec', 'volumeClaimTemplates').map((claim) => stringAt(claim, 'metadata', 'name'));
  if (claims.length === 0) return object;
  const spec = objectAt(object, 'spec');
  const template = objectAt(spec, 'template');
  const podSpec = objectAt(template, 'spec');
  const own = objectsAt(podSpec, 'volumes').filter((volume) => !claims.includes(stringAt(volume, 'name')));
  const volumes = [...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...own];
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...podSpec, volumes } } } };
}

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
  complete: rolling('strategy', { maxUnavailable: quarter, maxSurge: quarter }),
  validate: deploymentErrors,
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

const updatable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Everything else of a stateful set stays. */
function statefulSetUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const rest = (one: JsonObject) =>
    Object.fromEntries(Object.entries(objectAt(one, 'spec')).filter(([field]) => !updatable.includes(field)));
  if (equalValues(rest(object), rest(old))) return [];
  const list = updatable.map((field) => `'${field}'`);
  return [
    forbiddenField(
      'spec',
      `updates to statefulset spec for fields other than ${list.slice(0, -1).join(', ')} and ${list.at(-1) ?? ''} are forbidden`,
    ),
  ];
}

function statefulSetErrors(_: JsonObject, spec: JsonObject): FieldError[] {
  const strategy = objectAt(spec, 'updateStrategy');
  const path = 'spec.updateStrategy.rollingUpdate';
  const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy');
  return [
    ...(stringAt(strategy, 'type') === 'OnDelete' && strategy.rollingUpdate !== undefined
      ? [invalidField(path, strategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
      : []),
    ...atLeast(objectAt(strategy, 'rollingUpdate'), path, 'partition'),
    ...atLeast(objectAt(spec, 'ordinals'), 'spec.ordinals', 'start'),
    ...named(spec, 'spec', 'serviceName', dnsLabelProblems),
    ...['whenDeleted', 'whenScaled'].flatMap((field) => {
      const value = stringAt(retention, field);
      const known = ['', 'Delete', 'Retain'].includes(value);
      const at = `spec.persistentVolumeClaimRetentionPolicy.${field}`;
      return known ? [] : [forbiddenFieldValue(at, value)];
    }),
  ];
}

const forbiddenFieldValue = (field: string, value: string): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: "${value}": supported values: "Delete", "Retain"`,
});

function completeStatefulSet(spec: JsonObject): JsonObject {
  const given = objectAt(spec, 'updateStrategy');
  const isNamed = stringAt(given, 'type') !== '';
  const rollingUpdate = given.rollingUpdate ?? (isNamed ? undefined : {});
  const strategy: JsonObject = { ...given, type: isNamed ? stringAt(given, 'type') : 'RollingUpdate' };
  const isRolling = strategy.type === 'RollingUpdate' && rollingUpdate !== undefined;
  const withClaims = withEach(spec, 'volumeClaimTemplates', (claim) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...claim,
    spec: withAbsent(objectAt(claim, 'spec'), { volumeMode: 'Filesystem' }),
    status: { phase: 'Pending', ...objectAt(claim, 'status') },
  }));
  return {
    ...withClaims,
    updateStrategy: isRolling
      ? { ...strategy, rollingUpdate: { partition: 0, ...objectAt({ rollingUpdate }, 'rollingUpdate') } }
      : strategy,
    persistentVolumeClaimRetentionPolicy: withAbsent(objectAt(spec, 'persistentVolumeClaimRetentionPolicy'), {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    }),
  };
}

export const statefulSets = workload({
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortName: 'sts',
  scales: true,
  columns: [
    ratioColumn('Ready', 'Pods that are ready, of all wanted.', ['status', 'readyReplicas'], ['spec', 'replicas']),
  ],
  lastColumns: [],
  defaults: { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' },
  complete: completeStatefulSet,
  validate: statefulSetErrors,
  validateUpdate: statefulSetUpdateErrors,
});

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
  complete: rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
  strategy: daemonSetStrategy,
  validate: daemonSetErrors,
});
