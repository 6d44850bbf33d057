import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { forbiddenField, invalidField, objectAt, objectsAt, stringAt } from '../../registry/fields.ts';
import { dnsLabelProblems } from '../../registry/names.ts';
import { atLeast, each, named } from '../checks.ts';
import { withAbsent, withEach } from '../defaults.ts';
import { claimSpecErrors, claimSpecWarnings } from '../volumes/claims.ts';
import { ratioColumn } from './columns.ts';
import { workload } from './workload.ts';

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

/** Claims stay as they were accepted. */
function newClaimErrors(object: JsonObject): FieldError[] {
  return each(objectAt(object, 'spec'), 'spec', 'volumeClaimTemplates', (claim, path) =>
    claimSpecErrors(objectAt(claim, 'spec'), `${path}.spec`),
  );
}

function newClaimWarnings(object: JsonObject): string[] {
  return objectsAt(object, 'spec', 'volumeClaimTemplates').flatMap((claim, index) =>
    claimSpecWarnings(objectAt(claim, 'spec'), `spec.volumeClaimTemplates[${index}].spec`),
  );
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
  statusCounts: {
    counts: ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ofReplicas: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ready: 'status.readyReplicas',
  },
  complete: completeStatefulSet,
  withVolumes: withClaimVolumes,
  strategy: { validateCreate: newClaimErrors },
  validate: statefulSetErrors,
  warnings: (object, old) => (old === undefined ? newClaimWarnings(object) : []),
  validateUpdate: statefulSetUpdateErrors,
});
