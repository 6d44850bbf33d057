import type { FieldError } from '@quarterdeck/apis';
import { compareQuantities, isJsonObject, type JsonObject, zeroQuantity } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsLabelProblems, pathSegmentProblems } from '../../registry/names.ts';
import { named, needed, quantityOrNone } from '../checks.ts';

/** The part of a metric that its type asks for. */
export const metricParts: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

/** One metric of autoscaling/v2: the part that its type names and no other, with an amount that this part can have. KA-3 */
export function metricErrors(metric: JsonObject, path: string): FieldError[] {
  const type = stringAt(metric, 'type');
  const own = metricParts[type];
  if (own === undefined) return [unsupportedField(`${path}.type`, type, Object.keys(metricParts))];
  const foreign = Object.values(metricParts).filter((part) => part !== own && valueAt(metric, part) !== undefined);
  const part = valueAt(metric, own);
  return [
    ...(isJsonObject(part)
      ? sourceErrors(part, own, `${path}.${own}`)
      : [requiredField(`${path}.${own}`, 'must populate information for the given metric source')]),
    ...foreign.map((name) => forbiddenField(`${path}.${name}`, 'must populate the given metric source only')),
  ];
}

/** What is scaled, or measured. */
export function targetErrors(target: JsonObject, path: string): FieldError[] {
  return ['kind', 'name'].flatMap((field) => named(target, path, field, pathSegmentProblems, true));
}

function sourceErrors(source: JsonObject, part: string, path: string): FieldError[] {
  const target = objectAt(source, 'target');
  const isResource = part === 'resource' || part === 'containerResource';
  return [
    ...(part === 'object' ? targetErrors(objectAt(source, 'describedObject'), `${path}.describedObject`) : []),
    ...(isResource
      ? needed(source, path, 'name', 'must specify a resource name')
      : [
          ...needed(objectAt(source, 'metric'), `${path}.metric`, 'name', 'must specify a metric name'),
          ...named(objectAt(source, 'metric'), `${path}.metric`, 'name', pathSegmentProblems),
        ]),
    ...(part === 'containerResource'
      ? [
          ...needed(source, path, 'container', 'must specify a container'),
          ...named(source, path, 'container', dnsLabelProblems),
        ]
      : []),
    ...amountErrors(target, `${path}.target`),
    ...amountChoiceErrors(target, part, `${path}.target`),
  ];
}

function amountErrors(target: JsonObject, path: string): FieldError[] {
  const type = stringAt(target, 'type');
  const types = ['AverageValue', 'Utilization', 'Value'];
  const utilization = numberAt(target, 'averageUtilization');
  return [
    ...(type === '' ? [requiredField(`${path}.type`, 'must specify a metric target type')] : []),
    ...(type === '' || types.includes(type)
      ? []
      : [invalidField(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...['value', 'averageValue'].flatMap((field) => {
      const amount = quantityOrNone(valueAt(target, field));
      return amount === undefined || compareQuantities(amount, zeroQuantity) > 0
        ? []
        : [invalidField(`${path}.${field}`, valueAt(target, field), 'must be positive')];
    }),
    ...(utilization !== undefined && utilization < 1
      ? [invalidField(`${path}.averageUtilization`, utilization, 'must be greater than 0')]
      : []),
  ];
}

/** Which amounts a kind of source has: whatever the target's type says, the wrong ones would never be looked at. */
function amountChoiceErrors(target: JsonObject, part: string, path: string): FieldError[] {
  const has = (field: string) => valueAt(target, field) !== undefined;
  switch (part) {
    case 'pods':
      return has('averageValue')
        ? []
        : [requiredField(`${path}.averageValue`, 'must specify a positive target averageValue')];
    case 'object':
      return has('value') || has('averageValue')
        ? []
        : [requiredField(`${path}.averageValue`, 'must set either a target value or averageValue')];
    case 'external':
      return [
        ...(has('value') || has('averageValue')
          ? []
          : [requiredField(`${path}.averageValue`, 'must set either a target value for metric or a per-pod target')]),
        ...(has('value') && has('averageValue')
          ? [forbiddenField(`${path}.value`, 'may not set both a target value for metric and a per-pod target')]
          : []),
      ];
    default:
      return [
        ...(has('averageUtilization') || has('averageValue')
          ? []
          : [
              requiredField(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'),
            ]),
        ...(has('averageUtilization') && has('averageValue')
          ? [forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization')]
          : []),
      ];
  }
}
