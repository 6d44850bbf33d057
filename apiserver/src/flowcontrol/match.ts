import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { Attributes, NonResourceAttributes, ResourceAttributes } from '../authz/authorizer.ts';
import { listAt, objectAt, stringAt, valueAt } from '../registry/fields.ts';

/** A FlowSchema, ready to be asked about requests. */
export interface CompiledSchema {
  readonly name: string;
  readonly uid: string;
  /** Name of its PriorityLevelConfiguration. */
  readonly level: string;
  readonly precedence: number;
  matches(attributes: Attributes): boolean;
}

/** Compiles what is stored; it was validated when it was written. Pure. KA-142 */
export function compileSchema(schema: JsonObject): CompiledSchema {
  const rules = objectsAt(schema, 'spec', 'rules').map(compileRule);
  const precedence = valueAt(schema, 'spec', 'matchingPrecedence');
  return {
    name: stringAt(schema, 'metadata', 'name'),
    uid: stringAt(schema, 'metadata', 'uid'),
    level: stringAt(schema, 'spec', 'priorityLevelConfiguration', 'name'),
    precedence: typeof precedence === 'number' ? precedence : 1_000,
    matches: (attributes) => rules.some((rule) => rule(attributes)),
  };
}

/** Which is asked first: lower precedence, then name. */
export const bySchemaOrder = (a: CompiledSchema, b: CompiledSchema): number =>
  a.precedence - b.precedence || (a.name < b.name ? -1 : 1);

type Rule = (attributes: Attributes) => boolean;

/** Some subject is the user, and some rule of the request's make covers it. */
function compileRule(rule: JsonObject): Rule {
  const subjects = objectsAt(rule, 'subjects').map(compileSubject);
  const resources = objectsAt(rule, 'resourceRules').map(compileResourceRule);
  const paths = objectsAt(rule, 'nonResourceRules').map(compilePathRule);
  return (attributes) =>
    subjects.some((subject) => subject(attributes.user)) &&
    ('path' in attributes
      ? paths.some((covers) => covers(attributes))
      : resources.some((covers) => covers(attributes)));
}

function compileSubject(subject: JsonObject): (user: UserInfo) => boolean {
  switch (stringAt(subject, 'kind')) {
    case 'User': {
      const name = stringAt(subject, 'user', 'name');
      return (user) => name === '*' || name === user.name;
    }
    case 'Group': {
      const name = stringAt(subject, 'group', 'name');
      return (user) => name === '*' || user.groups.includes(name);
    }
    case 'ServiceAccount': {
      const namespace = stringAt(subject, 'serviceAccount', 'namespace');
      const name = stringAt(subject, 'serviceAccount', 'name');
      const prefix = `system:serviceaccount:${namespace}:`;
      return (user) => (name === '*' ? user.name.startsWith(prefix) : user.name === prefix + name);
    }
    default:
      return () => false;
  }
}

function compileResourceRule(rule: JsonObject): (attributes: ResourceAttributes) => boolean {
  const [verbs, groups, resources, namespaces] = ['verbs', 'apiGroups', 'resources', 'namespaces'].map((field) =>
    anyOf(listAt(rule, field)),
  ) as [Contains, Contains, Contains, Contains];
  const coversCluster = valueAt(rule, 'clusterScope') === true;
  return ({ verb, group, resource, subresource, namespace }) =>
    verbs(verb) &&
    groups(group) &&
    resources(subresource === '' ? resource : `${resource}/${subresource}`) &&
    (namespace === '' ? coversCluster : namespaces(namespace));
}

function compilePathRule(rule: JsonObject): (attributes: NonResourceAttributes) => boolean {
  const verbs = anyOf(listAt(rule, 'verbs'));
  const paths = listAt(rule, 'nonResourceURLs').map(String);
  return ({ verb, path }) =>
    verbs(verb) &&
    paths.some((each) => each === '*' || each === path || (each.endsWith('/*') && path.startsWith(each.slice(0, -1))));
}

type Contains = (word: string) => boolean;

function anyOf(words: readonly JsonValue[]): Contains {
  const known = new Set(words);
  return known.has('*') ? () => true : (word) => known.has(word);
}

const objectsAt = (object: JsonObject, ...path: readonly string[]): JsonObject[] =>
  listAt(object, ...path).filter(isJsonObject);

/** Shares of a level that limits; undefined for one that exempts from limits. */
export function nominalShares(level: JsonObject): number | undefined {
  if (stringAt(level, 'spec', 'type') !== 'Limited') return undefined;
  const shares = valueAt(objectAt(level, 'spec', 'limited') ?? {}, 'nominalConcurrencyShares');
  return typeof shares === 'number' ? shares : defaultShares;
}

const defaultShares = 30;
