import type { FieldError, RuleTwin } from '@quarterdeck/apis';
import {
  equalValues,
  goQuote,
  invalidValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import { objectsAt, stringAt, valueAt } from '../registry/fields.ts';

/**
 * CEL rule, by its exact text -> a function that says the same. Until there is a CEL engine, these are the rules that
 * can be evaluated. KA-101
 */
export type RuleTwins = ReadonlyMap<string, RuleTwin>;

const generic: readonly [string, RuleTwin][] = [
  ['self == oldSelf', (self, oldSelf) => equalValues(self as JsonValue, oldSelf as JsonValue | undefined)],
];

/** The given twins and those of rules that are the same for every kind. */
export function withGenericTwins(twins: RuleTwins): RuleTwins {
  return new Map([...generic, ...twins]);
}

/** Whether a rule compares with the value before the write. KA-104 */
export function usesOldSelf(rule: string): boolean {
  return /\boldSelf\b/.test(rule.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, ''));
}

export interface RuleCheck {
  readonly twins: RuleTwins;
  /** Rules of the stored CRD: they were accepted once and may stay. */
  readonly known: ReadonlySet<string>;
}

/**
 * Refuses the rules of a schema that cannot be evaluated here, so that none is stored and then ignored. The schema has
 * been found structural. KA-101, KA-104
 * @param path of the schema in its CRD
 */
export function ruleErrors(schema: JsonObject, path: string, check: RuleCheck): FieldError[] {
  return nodeErrors(schema, { path, uncorrelatable: undefined }, check);
}

interface Place {
  readonly path: string;
  /** The outermost list around here whose items have no identity over time. */
  readonly uncorrelatable: string | undefined;
}

function nodeErrors(schema: JsonObject, place: Place, check: RuleCheck): FieldError[] {
  const { path } = place;
  const errors = objectsAt(schema, 'x-kubernetes-validations').flatMap((rule, index) =>
    oneRuleErrors(rule, `${path}.x-kubernetes-validations[${index}]`, place, check),
  );
  for (const [child, step] of children(schema)) {
    const atomic = step === 'items' && schema['x-kubernetes-list-type'] !== 'map';
    const uncorrelatable = place.uncorrelatable ?? (atomic ? path : undefined);
    errors.push(...nodeErrors(child, { path: `${path}.${step}`, uncorrelatable }, check));
  }
  return errors;
}

function children(schema: JsonObject): [JsonObject, string][] {
  const found: [JsonObject, string][] = [];
  const add = (child: JsonValue | undefined, step: string) => {
    if (isJsonObject(child)) found.push([child, step]);
  };
  add(valueAt(schema, 'items'), 'items');
  add(valueAt(schema, 'additionalProperties'), 'additionalProperties');
  const properties = valueAt(schema, 'properties');
  if (isJsonObject(properties)) {
    for (const name of Object.keys(properties)) add(properties[name], `properties[${name}]`);
  }
  return found;
}

const notYet = 'CEL is not evaluated by this server yet';

function oneRuleErrors(rule: JsonObject, at: string, place: Place, check: RuleCheck): FieldError[] {
  const text = stringAt(rule, 'rule');
  const old = usesOldSelf(text);
  const errors: FieldError[] = [];
  if (!check.twins.has(text) && !check.known.has(text)) {
    const why = `${notYet}: only rules that it knows by their exact text can be used, and it does not know ${goQuote(text)}`;
    errors.push(invalidValue(`${at}.rule`, text, why));
  }
  const expression = stringAt(rule, 'messageExpression');
  if (expression !== '' && !check.known.has(text)) {
    errors.push(invalidValue(`${at}.messageExpression`, expression, `${notYet}: use message instead`));
  }
  if (old && place.uncorrelatable !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    errors.push(invalidValue(`${at}.rule`, text, why));
  }
  const optional = valueAt(rule, 'optionalOldSelf');
  if (!old && typeof optional === 'boolean') {
    errors.push(invalidValue(`${at}.optionalOldSelf`, optional, 'may not be set if oldSelf is not used in rule'));
  }
  return errors;
}

/** The texts of all rules in a schema. */
export function ruleTexts(schema: JsonObject): string[] {
  return [
    ...objectsAt(schema, 'x-kubernetes-validations').map((rule) => stringAt(rule, 'rule')),
    ...children(schema).flatMap(([child]) => ruleTexts(child)),
  ];
}
