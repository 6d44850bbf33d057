import type { FieldError, LabelSelector, LabelSelectorRequirement } from '@quarterdeck/apis';
import { labelKeyProblem, labelValueProblem } from './label-syntax.ts';
import { type Requirement, requirement, selectorToString } from './requirement.ts';
import { SelectorError } from './selector-error.ts';

/** Requirements of a LabelSelector object; the empty selector has none and matches everything. KA-81
 * @throws SelectorError naming the first problem; {@link validateLabelSelector} lists all, with paths
 */
export function labelSelectorToRequirements(selector: LabelSelector): Requirement[] {
  const fromLabels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  return [...fromLabels, ...(selector.matchExpressions ?? []).map(fromExpression)];
}

/** The text form that list and watch requests take. KA-81 */
export function labelSelectorToString(selector: LabelSelector): string {
  return selectorToString(labelSelectorToRequirements(selector));
}

function fromExpression({ key, operator, values = [] }: LabelSelectorRequirement): Requirement {
  switch (operator) {
    case 'In':
      return requirement(key, 'in', values);
    case 'NotIn':
      return requirement(key, 'notin', values);
    case 'Exists':
      return requirement(key, 'exists', values);
    case 'DoesNotExist':
      return requirement(key, '!', values);
    default:
      throw new SelectorError(`${JSON.stringify(operator)} is no label selector operator`, 0);
  }
}

/**
 * Everything wrong with a LabelSelector object, with paths under `path`; empty when it is valid. KA-81, KA-38
 */
export function validateLabelSelector(selector: LabelSelector, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    const field = `${path}.matchLabels`;
    pushProblem(errors, field, key, labelKeyProblem(key));
    pushProblem(errors, field, value, labelValueProblem(value));
  }
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    validateExpression(errors, expression, `${path}.matchExpressions[${index}]`);
  }
  return errors;
}

function validateExpression(errors: FieldError[], expression: LabelSelectorRequirement, path: string): void {
  const { key, operator, values = [] } = expression;
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        const message = "Required value: must be specified when `operator` is 'In' or 'NotIn'";
        errors.push({ reason: 'FieldValueRequired', field: `${path}.values`, message });
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        const message = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push({ reason: 'FieldValueForbidden', field: `${path}.values`, message });
      }
      break;
    default: {
      const message = `Invalid value: ${JSON.stringify(operator)}: not a valid selector operator`;
      errors.push({ reason: 'FieldValueInvalid', field: `${path}.operator`, message });
    }
  }
  pushProblem(errors, `${path}.key`, key, labelKeyProblem(key));
  for (const [index, value] of values.entries()) {
    pushProblem(errors, `${path}.values[${index}]`, value, labelValueProblem(value));
  }
}

function pushProblem(errors: FieldError[], field: string, value: string, problem: string | undefined): void {
  if (problem === undefined) return;
  errors.push({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${problem}`,
  });
}
