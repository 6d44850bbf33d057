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
  const verbs = matcher(rule.verbs);
  const groups = matcher(rule.apiGroups ?? []);
  const resources = new Set(rule.resources ?? []);
  const anyResource = resources.has('*');
  const names = new Set(rule.resourceNames ?? []);
  const paths = rule.nonResourceURLs ?? [];
  return {
    rule,
    allows(attributes) {
      if (!verbs(attributes.verb)) return false;
      if (!isResourceRequest(attributes)) return paths.some((pattern) => pathCovers(pattern, attributes.path));
      const { resource, subresource, name } = attributes;
      if (!groups(attributes.group)) return false;
      if (names.size > 0 && (name === '' || !names.has(name))) return false;
      if (anyResource) return true;
      if (subresource === '') return resources.has(resource);
      return resources.has(`${resource}/${subresource}`) || resources.has(`*/${subresource}`);
    },
  };
}

function matcher(values: readonly string[]): (value: string) => boolean {
  if (values.includes('*')) return () => true;
  const set = new Set(values);
  return (value) => set.has(value);
}
