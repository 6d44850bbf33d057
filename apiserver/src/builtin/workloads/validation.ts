import type { FieldError } from '@quarterdeck/apis';
import {
  isJsonObject,
  type JsonObject,
  labelSelectorToRequirements,
  matchesLabels,
  SelectorError,
} from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { templateErrors } from './pod-rules.ts';

/** What the kinds that make pods of a template share. KA-3 */

/** A selector, not an empty one, that chooses the pods of its own template. */
export function selectorErrors(object: JsonObject): FieldError[] {
  const selector = valueAt(object, 'spec', 'selector');
  const labels = objectAt(object, 'spec', 'template', 'metadata', 'labels');
  const mismatch = invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  // None selects nothing, so not the template either.
  if (!isJsonObject(selector)) return isDaemonSet(object) ? [mismatch] : [requiredField('spec.selector'), mismatch];
  const isEmpty =
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 && valueAt(selector, 'matchExpressions') === undefined;
  if (isEmpty) {
    const kind = stringAt(object, 'kind').toLowerCase();
    return [invalidField('spec.selector', selector, `empty selector is invalid for ${kind}`)];
  }
  try {
    const texts = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
    if (matchesLabels(labelSelectorToRequirements(selector), texts)) return [];
    return [mismatch];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [invalidField('spec.selector', selector, error.message)];
  }
}

const isDaemonSet = (object: JsonObject): boolean => stringAt(object, 'kind') === 'DaemonSet';

/** A template of pods that run until they are deleted. */
export function lastingTemplateErrors(object: JsonObject, kind: string): FieldError[] {
  const template = objectAt(object, 'spec', 'template');
  const policy = stringAt(template, 'spec', 'restartPolicy');
  return [
    ...templateErrors(template, 'spec.template'),
    ...(policy === 'Always' ? [] : [unsupportedField('spec.template.spec.restartPolicy', policy, ['Always'])]),
    ...(valueAt(template, 'spec', 'activeDeadlineSeconds') === undefined
      ? []
      : [
          forbiddenField(
            'spec.template.spec.activeDeadlineSeconds',
            `activeDeadlineSeconds in ${kind} is not Supported`,
          ),
        ]),
  ];
}

/** A number of pods, or a share of them: `3`, `25%`. */
export function countOrShareErrors(
  object: JsonObject,
  path: string,
  field: string,
  isShareCapped: boolean,
): FieldError[] {
  const value = valueAt(object, field);
  const at = `${path}.${field}`;
  if (value === undefined) return [];
  if (typeof value === 'number') {
    return value >= 0 ? [] : [invalidField(at, value, 'must be greater than or equal to 0')];
  }
  if (!/^\d+%$/.test(String(value))) {
    return [
      invalidField(
        at,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%')",
      ),
    ];
  }
  return isShareCapped && shareOf(value) > 100 ? [invalidField(at, value, 'must not be greater than 100%')] : [];
}

/** The number before the `%`, or the count. */
export function shareOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.parseInt(String(value ?? 0), 10) || 0;
}
