import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { ResourceDefinition } from '../../registry/definition.ts';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { between, each, oneOf } from '../checks.ts';
import { cell } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withPart, withSpec } from '../defaults.ts';
import { builtinMessage, builtinSchema } from '../tables/index.ts';
import { zeroFill } from '../zeros.ts';
import { autoscalerV1, storedAutoscaler } from './autoscaler-form.ts';
import { metricErrors, metricParts, targetErrors } from './autoscaler-metrics.ts';
import { statusCountErrors } from './status-counts.ts';

function validate(given: JsonObject): FieldError[] {
  const autoscaler = storedAutoscaler(given);
  const spec = objectAt(autoscaler, 'spec');
  const [least, most] = [numberAt(spec, 'minReplicas'), numberAt(spec, 'maxReplicas') ?? 0];
  return [
    ...(least !== undefined && least < 1
      ? [invalidField('spec.minReplicas', least, 'must be greater than or equal to 1')]
      : []),
    ...(most < 1 ? [invalidField('spec.maxReplicas', most, 'must be greater than 0')] : []),
    ...(least !== undefined && most < least
      ? [invalidField('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...targetErrors(objectAt(spec, 'scaleTargetRef'), 'spec.scaleTargetRef'),
    ...each(spec, 'spec', 'metrics', metricErrors),
    ...behaviorErrors(objectAt(spec, 'behavior')),
  ];
}

/** Kubernetes' own kinds that scale are in groups, but for one. */
function groupErrors(target: JsonObject): FieldError[] {
  const apiVersion = stringAt(target, 'apiVersion');
  const path = 'spec.scaleTargetRef.apiVersion';
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) return [invalidField(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const hasGroup = slashes === 1 && !apiVersion.startsWith('/');
  return hasGroup || stringAt(target, 'kind') === 'ReplicationController'
    ? []
    : [invalidField(path, apiVersion, 'apiVersion must specify API group')];
}

/** One that was accepted once stays acceptable. */
function validateUpdate(autoscaler: JsonObject, old: JsonObject): FieldError[] {
  const [target, before] = [objectAt(autoscaler, 'spec', 'scaleTargetRef'), objectAt(old, 'spec', 'scaleTargetRef')];
  return [
    ...(groupErrors(before).length > 0 ? [] : groupErrors(target)),
    ...statusCountErrors(autoscaler, old, { counts: ['currentReplicas', 'desiredReplicas'] }),
  ];
}

function behaviorErrors(behavior: JsonObject): FieldError[] {
  return ['scaleUp', 'scaleDown'].flatMap((way) => {
    const rules = valueAt(behavior, way);
    const path = `spec.behavior.${way}`;
    if (!isJsonObject(rules)) return [];
    return [
      ...between(rules, path, 'stabilizationWindowSeconds', 0, 3600),
      ...oneOf(rules, path, 'selectPolicy', ['Disabled', 'Max', 'Min']),
      ...(listAt(rules, 'policies').length === 0
        ? [requiredField(`${path}.policies`, 'must specify at least one Policy')]
        : []),
      ...each(rules, path, 'policies', (policy, at) => [
        ...(['Percent', 'Pods'].includes(stringAt(policy, 'type'))
          ? []
          : [unsupportedField(`${at}.type`, stringAt(policy, 'type'), ['Percent', 'Pods'])]),
        ...((numberAt(policy, 'value') ?? 0) <= 0
          ? [invalidField(`${at}.value`, numberAt(policy, 'value') ?? 0, 'must be greater than zero')]
          : []),
        ...between({ periodSeconds: 0, ...policy }, at, 'periodSeconds', 1, 1800),
      ]),
    ];
  });
}

const percentPolicy: JsonObject = { type: 'Percent', value: 100, periodSeconds: 15 };
const upRules: JsonObject = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, percentPolicy],
};
const downRules: JsonObject = { selectPolicy: 'Max', policies: [percentPolicy] };
const defaultUtilization = 80;
const defaultMetrics: JsonValue[] = [
  {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: defaultUtilization } },
  },
];

/** What is measured in the old version when nothing is said, in annotations either. */
function withTarget(spec: JsonObject, autoscaler: JsonObject): JsonObject {
  const isMeasured = listAt(objectAt(storedAutoscaler(autoscaler), 'spec'), 'metrics').length > 0;
  return isMeasured ? spec : { ...spec, targetCPUUtilizationPercentage: defaultUtilization };
}

function complete(autoscaler: JsonObject): JsonObject {
  const isOld = autoscaler.apiVersion === 'autoscaling/v1';
  const filled = withSpec(autoscaler, (spec) => {
    const least = withAbsent(spec, { minReplicas: 1 });
    if (isOld) return withTarget(least, autoscaler);
    const measured = listAt(least, 'metrics').length === 0 ? { ...least, metrics: defaultMetrics } : least;
    return withPart(measured, 'behavior', (behavior) => ({
      ...behavior,
      scaleUp: withAbsent(objectAt(behavior, 'scaleUp'), upRules),
      scaleDown: withAbsent(objectAt(behavior, 'scaleDown'), downRules),
    }));
  });
  return isOld ? zeros('v1', filled) : zeros('v2', filled);
}

const fills = new Map<string, (object: JsonObject) => JsonObject>();

function zeros(version: string, object: JsonObject): JsonObject {
  const known = fills.get(version) ?? zeroFill(builtinMessage('autoscaling', version, 'HorizontalPodAutoscaler'));
  if (known === undefined) return object;
  fills.set(version, known);
  return known(object);
}

const unknown = '<unknown>';

/** `cpu: 10%/80%` for each of the first two. */
function targetsText(given: JsonObject): string | undefined {
  const autoscaler = storedAutoscaler(given);
  const current = objectsAt(autoscaler, 'status', 'currentMetrics');
  const texts = objectsAt(autoscaler, 'spec', 'metrics').map((metric, index) =>
    targetText(metric, current[index] ?? {}),
  );
  if (texts.length === 0) return undefined;
  const shown = texts.slice(0, 2).join(', ');
  return texts.length > 2 ? `${shown} + ${texts.length - 2} more...` : shown;
}

function targetText(metric: JsonObject, current: JsonObject): string {
  const type = stringAt(metric, 'type');
  const part = metricParts[type];
  if (part === undefined) return '<unknown type>';
  const isResource = type === 'Resource' || type === 'ContainerResource';
  const name = isResource ? `${stringAt(metric, part, 'name')}: ` : '';
  const read = (from: JsonObject, side: string, field: string) => valueAt(from, part, side, field);
  const average = read(metric, 'target', 'averageValue');
  if (average !== undefined) {
    const now = read(current, 'current', 'averageValue') ?? unknown;
    const isAverage = type === 'External' || type === 'Object';
    return `${name}${String(now)}/${String(average)}${isAverage ? ' (avg)' : ''}`;
  }
  if (isResource) {
    const now = read(current, 'current', 'averageUtilization');
    const target = read(metric, 'target', 'averageUtilization');
    return `${name}${now === undefined ? unknown : `${String(now)}%`}/${target === undefined ? '<auto>' : `${String(target)}%`}`;
  }
  return `${String(read(current, 'current', 'value') ?? unknown)}/${String(read(metric, 'target', 'value') ?? '0')}`;
}

const base = dataKind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  columns: [
    cell('Reference', 'What it scales.', (object) => {
      const target = objectAt(object, 'spec', 'scaleTargetRef');
      return `${stringAt(target, 'kind')}/${stringAt(target, 'name')}`;
    }),
    cell('Targets', 'What is measured, of what is wanted.', targetsText),
    cell('MinPods', 'Never fewer.', (object) => String(numberAt(object, 'spec', 'minReplicas') ?? '<unset>')),
    cell('MaxPods', 'Never more.', (object) => numberAt(object, 'spec', 'maxReplicas') ?? 0),
    cell('Replicas', 'Now.', (object) => numberAt(object, 'status', 'currentReplicas') ?? 0),
  ],
  subresources: { status },
  schema: builtinSchemaOfV2(),
  strategy: {
    complete,
    prepareForCreate: (object) => complete({ ...object, status: {} }),
    validate,
    validateCreate: (object) => groupErrors(objectAt(object, 'spec', 'scaleTargetRef')),
    validateUpdate,
  },
});

/** Kept apart from dataKind's, whose zeros are those of one version. */
function builtinSchemaOfV2() {
  return builtinSchema('autoscaling', 'v2', 'HorizontalPodAutoscaler');
}

/** Stored as autoscaling/v2; autoscaling/v1 is another form of the same. KA-3 */
export const horizontalPodAutoscalers: ResourceDefinition = Object.freeze({
  ...base,
  versions: base.versions.flatMap((newest) => [
    newest,
    Object.freeze({
      name: 'v1',
      served: true,
      get schema() {
        return builtinSchema('autoscaling', 'v1', 'HorizontalPodAutoscaler');
      },
      columns: newest.columns,
      subresources: newest.subresources,
      form: autoscalerV1,
    }),
  ]),
});
