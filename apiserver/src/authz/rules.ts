import type { Attributes, NonResourceAttributes, PolicyRule, ResourceAttributes } from './authorizer.ts';

/** Whether one rule, as it is written in a role, allows what is about to be done. KA-127 */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  return isResourceRequest(attributes) ? allowsResource(rule, attributes) : allowsPath(rule, attributes);
}

export function isResourceRequest(attributes: Attributes): attributes is ResourceAttributes {
  return 'resource' in attributes;
}

function allowsResource(rule: PolicyRule, attributes: ResourceAttributes): boolean {
  const { resource, subresource } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = rule.resources ?? [];
  return (
    hasOrStar(rule.verbs, attributes.verb) &&
    hasOrStar(rule.apiGroups ?? [], attributes.group) &&
    (hasOrStar(resources, full) || (subresource !== '' && resources.includes(`*/${subresource}`))) &&
    namesAllow(rule.resourceNames, attributes.name)
  );
}

/** A rule with resourceNames never allows a request without a name: create, deletecollection, an unnamed list. */
function namesAllow(names: readonly string[] | undefined, name: string): boolean {
  if (names === undefined || names.length === 0) return true;
  return name !== '' && names.includes(name);
}

function allowsPath(rule: PolicyRule, attributes: NonResourceAttributes): boolean {
  return (
    hasOrStar(rule.verbs, attributes.verb) &&
    (rule.nonResourceURLs ?? []).some((pattern) => pathCovers(pattern, attributes.path))
  );
}

/** `*` covers everything, `/healthz/*` what begins with `/healthz/`, anything else only itself. */
export function pathCovers(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}

function hasOrStar(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}

/** A rule prepared for many decisions: membership in constant time, however long its lists are. */
export interface CompiledRule {
  readonly rule: PolicyRule;
  allows(attributes: Attributes): boolean;
}

/** Same verdict as {@link ruleAllows} for every request. */
export function compileRule(rule: PolicyRule): CompiledRule {
  return new Rule(rule);
}

/** A class, for each member of a fleet brings a dozen: sets and closures take ten times the memory. */
class Rule implements CompiledRule {
  readonly rule: PolicyRule;
  readonly #verbs: Values;
  readonly #groups: Values;
  readonly #resources: Values;
  readonly #names: Values;

  constructor(rule: PolicyRule) {
    this.rule = rule;
    this.#verbs = valuesOf(rule.verbs);
    this.#groups = valuesOf(rule.apiGroups);
    this.#resources = valuesOf(rule.resources);
    this.#names = rule.resourceNames === undefined ? none : listed(rule.resourceNames);
  }

  allows(attributes: Attributes): boolean {
    if (!has(this.#verbs, attributes.verb)) return false;
    if (!isResourceRequest(attributes)) {
      return (this.rule.nonResourceURLs ?? []).some((pattern) => pathCovers(pattern, attributes.path));
    }
    const { resource, subresource, name } = attributes;
    if (!has(this.#groups, attributes.group)) return false;
    if (this.#names !== none && (name === '' || !has(this.#names, name))) return false;
    if (subresource === '') return has(this.#resources, resource);
    return has(this.#resources, `${resource}/${subresource}`) || has(this.#resources, `*/${subresource}`);
  }
}

/** What a list of a rule holds: everything, or these. */
type Values = 'everything' | readonly string[] | ReadonlySet<string>;

const none: readonly string[] = Object.freeze([]);
/** From so many on, a set is quicker. */
const longList = 16;

function valuesOf(values: readonly string[] = none): Values {
  return values.includes('*') ? 'everything' : listed(values);
}

/** As they are: among names, a star is a name. */
function listed(values: readonly string[]): Values {
  if (values.length === 0) return none;
  return values.length < longList ? values : new Set(values);
}

function has(values: Values, value: string): boolean {
  if (values === 'everything') return true;
  return values instanceof Set ? values.has(value) : (values as readonly string[]).includes(value);
}
