import {
  isJsonObject,
  type JsonObject,
  labelSelectorToRequirements,
  matchesLabels,
  type Requirement,
} from '@quarterdeck/machinery';
import { objectAt, objectsAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import type { AdmissionAttributes } from '../admission.ts';

/** A resource that shows the same objects as another: another version of it, or a view. */
export interface Equivalent {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
}

/** What of a request decides which rules can be about it, whatever its object is. */
export type Target = Pick<AdmissionAttributes, 'operation' | 'group' | 'version' | 'resource' | 'subresource'>;

/** MatchResources of a policy or binding, read once. KA-137b */
export interface Matcher {
  /** False: no request for this target is matched. */
  canMatch(target: Target, world: Pick<MatchWorld, 'equivalents'>): boolean;
  /** @returns the resource whose form the expressions see; undefined when the request is not matched */
  match(attributes: AdmissionAttributes, world: MatchWorld): Equivalent | undefined;
}

export interface MatchWorld {
  /** Labels of a stored namespace; undefined when there is none. */
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
  /** Other resources that show the same objects. */
  equivalents(target: Target): readonly Equivalent[];
}

/** @param match of a spec; undefined matches everything. Throws SelectorError for selectors that cannot be read */
export function createMatcher(match: JsonObject | undefined): Matcher {
  if (match === undefined) return { canMatch: () => true, match: ownForm };
  const namespaces = requirementsOf(match, 'namespaceSelector');
  const objects = requirementsOf(match, 'objectSelector');
  const rules = objectsAt(match, 'resourceRules').map(readRule);
  const excluded = objectsAt(match, 'excludeResourceRules').map(readRule);
  const exact = stringAt(match, 'matchPolicy') === 'Exact';
  const find = (among: readonly Rule[], attributes: AdmissionAttributes, world: MatchWorld) => {
    const isMeant = (as: Omit<Equivalent, 'kind'>) =>
      among.some((rule) => rule.covers(attributes, as) && rule.admits(attributes));
    if (isMeant(attributes)) return ownForm(attributes);
    if (exact || among.length === 0) return undefined;
    return world.equivalents(attributes).find(isMeant);
  };
  return {
    canMatch(target, world) {
      const isCovered = (as: Omit<Equivalent, 'kind'>) => rules.some((rule) => rule.covers(target, as));
      return rules.length === 0 || isCovered(target) || (!exact && world.equivalents(target).some(isCovered));
    },
    match(attributes, world) {
      const found = rules.length === 0 ? ownForm(attributes) : find(rules, attributes, world);
      if (found === undefined || find(excluded, attributes, world) !== undefined) return undefined;
      if (!matchesNamespace(namespaces, attributes, world) || !matchesObjects(objects, attributes)) return undefined;
      return found;
    },
  };
}

function ownForm({ group, version, resource, kind }: AdmissionAttributes): Equivalent {
  return { group, version, resource, kind };
}

function requirementsOf(match: JsonObject, field: string): readonly Requirement[] {
  const selector = valueAt(match, field);
  return isJsonObject(selector) ? labelSelectorToRequirements(selector) : [];
}

interface Rule {
  /** Whether it is about the operation, and about the resource that the request is for or stands for. */
  covers(target: Target, as: Omit<Equivalent, 'kind'>): boolean;
  /** Whether it is about the object by its place and name. */
  admits(attributes: AdmissionAttributes): boolean;
}

function readRule(rule: JsonObject): Rule {
  const list = (field: string) => {
    const values = stringsAt(rule, field);
    return (value: string) => values.includes('*') || values.includes(value);
  };
  const [operations, groups, versions] = [list('operations'), list('apiGroups'), list('apiVersions')];
  const resources = stringsAt(rule, 'resources').map(splitResource);
  const names = stringsAt(rule, 'resourceNames');
  const scope = stringAt(rule, 'scope') || '*';
  return {
    covers: (target, as) =>
      operations(target.operation) &&
      groups(as.group) &&
      versions(as.version) &&
      resources.some(
        ([resource, subresource]) =>
          (resource === '*' || resource === as.resource) && (subresource === '*' || subresource === target.subresource),
      ),
    admits: (attributes) =>
      (scope === '*' || (scope === 'Namespaced') === isNamespaced(attributes)) &&
      (names.length === 0 || names.includes(attributes.name)),
  };
}

function splitResource(text: string): readonly [resource: string, subresource: string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
}

const isNamespace = ({ group, resource }: AdmissionAttributes) => group === '' && resource === 'namespaces';
const isNamespaced = (attributes: AdmissionAttributes) => attributes.namespace !== '' && !isNamespace(attributes);

function matchesNamespace(
  requirements: readonly Requirement[],
  attributes: AdmissionAttributes,
  world: MatchWorld,
): boolean {
  if (requirements.length === 0) return true;
  if (isNamespace(attributes)) {
    const isWritten = attributes.object !== undefined && attributes.subresource === '';
    const labels = isWritten ? labelsOf(attributes.object) : world.namespaceLabels(attributes.name);
    return matchesLabels(requirements, labels ?? {});
  }
  // What stands in no namespace cannot be spared by one.
  if (attributes.namespace === '') return true;
  return matchesLabels(requirements, world.namespaceLabels(attributes.namespace) ?? {});
}

function matchesObjects(requirements: readonly Requirement[], { object, oldObject }: AdmissionAttributes): boolean {
  if (requirements.length === 0) return true;
  return [object, oldObject].some((one) => one !== undefined && matchesLabels(requirements, labelsOf(one)));
}

function labelsOf(object: JsonObject | undefined): Record<string, string> {
  const labels = object === undefined ? {} : objectAt(object, 'metadata', 'labels');
  return Object.fromEntries(
    Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
