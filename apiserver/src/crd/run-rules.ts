import type { FieldError } from '@quarterdeck/apis';
import {
  celBudgets,
  correlateItems,
  getOwn,
  invalidValue,
  isJsonObject,
  isUnchanged,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import { type Budget, evaluateRule, outOfBudget, type Place } from './evaluate-rule.ts';
import type { RuledSchema } from './rule-programs.ts';

/** What is wrong in ways that rules cannot be run over: missing, of the wrong type, too much. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const unchecked =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** An object about to be stored; `old` is undefined on create, `found` is what is wrong with it by now. */
export interface CheckedObject {
  readonly object: JsonObject;
  readonly old: JsonObject | undefined;
  readonly found: readonly FieldError[];
  /** Is told what rules say of parts that did not change. KA-105 */
  readonly warn: (text: string) => void;
}

/**
 * Runs the rules of a schema beside errors that do not hinder them; beside others they are skipped, which one note says.
 * KA-104
 */
export function checkRules(checked: CheckedObject, rules: RuledSchema): FieldError[] {
  const { found } = checked;
  if (found.some(({ reason }) => blocking.has(reason))) return [invalidValue('<nil>', null, unchecked)];
  return runRules(checked, rules);
}

/**
 * Runs the rules of a schema over an object that has the schema's types and required fields. Rules that compare with
 * oldSelf run only where there is an old value, or where they say that they need none; errors of the others are warnings on
 * values that did not change. KA-101, KA-103 to KA-105
 *
 * @returns in the words of Kubernetes
 */
export function runRules({ object, old, warn }: Omit<CheckedObject, 'found'>, node: RuledSchema): FieldError[] {
  const errors: FieldError[] = [];
  const unchanged = () => old !== undefined && isUnchanged(object, old, node.schema);
  visit({ value: object, node, path: '', old, unchanged, warn }, { left: celBudgets.request }, errors);
  return errors;
}

/**
 * Runs the rules of a default's own schema over it: as a value that stays, then as one that is new. The rules around it
 * are not looked at. KA-99, KA-101
 * @param path of the default, where errors point
 */
export function defaultRuleErrors(value: JsonValue, node: RuledSchema, path: string): FieldError[] {
  const run = (old: JsonValue | undefined): FieldError[] => {
    const errors: FieldError[] = [];
    visit({ value, node, path, old, unchanged: () => false, warn: () => {} }, { left: celBudgets.request }, errors);
    return errors;
  };
  const errors = run(value);
  return errors.length > 0 ? errors : run(undefined);
}

function visit(place: Place, budget: Budget, errors: FieldError[]): void {
  const { value } = place;
  if (value === null || budget.left < 0) return;
  runOwn(place, budget, errors);
  if (Array.isArray(value)) visitItems(place, value, budget, errors);
  else if (isJsonObject(value)) visitFields(place, value, budget, errors);
}

function runOwn(place: Place, budget: Budget, errors: FieldError[]): void {
  const { node, path } = place;
  if (node.rules.length > 0 && budget.left <= 0) {
    errors.push(invalidValue(path === '' ? '<nil>' : path, node.schema.type ?? '', outOfBudget));
    budget.left = -1;
    return;
  }
  for (const compiled of node.rules) {
    const hasOld = place.old !== undefined && place.old !== null;
    if (compiled.usesOldSelf && !hasOld && compiled.rule.optionalOldSelf !== true) continue;
    const error = evaluateRule(compiled, place, budget);
    if (error !== undefined) errors.push(error);
    if (budget.left < 0) return;
  }
}

function visitItems(place: Place, list: readonly JsonValue[], budget: Budget, errors: FieldError[]): void {
  const { items, schema } = place.node;
  if (items === undefined) return;
  const oldOf = correlateItems(schema, place.old);
  list.forEach((value, index) => {
    visit(child(place, { value, node: items, path: `${place.path}[${index}]`, old: oldOf(value) }), budget, errors);
  });
}

function visitFields(place: Place, object: JsonObject, budget: Budget, errors: FieldError[]): void {
  const { properties, values, schema } = place.node;
  const oldFields = isJsonObject(place.old) ? place.old : undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] as JsonValue;
    const old = oldFields === undefined ? undefined : getOwn(oldFields, key);
    const own = properties.get(key);
    if (own !== undefined) {
      const path = place.path === '' ? key : `${place.path}.${key}`;
      visit(child(place, { value, node: own, path, old }), budget, errors);
    } else if (values !== undefined && !Object.hasOwn(schema.properties ?? {}, key)) {
      visit(child(place, { value, node: values, path: `${place.path}[${key}]`, old }), budget, errors);
    }
  }
}

function child({ unchanged, warn }: Place, part: Omit<Place, 'unchanged' | 'warn'>): Place {
  const { value, old, node } = part;
  return { ...part, warn, unchanged: old === undefined ? unchanged : () => isUnchanged(value, old, node.schema) };
}
