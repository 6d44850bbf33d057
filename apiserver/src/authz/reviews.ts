import { badRequest, type FieldError, invalid } from '@quarterdeck/apis';
import { invalidValue, isJsonObject, type JsonObject, type JsonValue, requiredValue } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { ActionContext, ActionHandler } from '../registry/definition.ts';
import type { Attributes, Authorizer, PolicyRule } from './authorizer.ts';

/** Answers of the kinds of authorization.k8s.io, none of which is stored. KA-130, KA-131 */
export interface AccessReviews {
  readonly subjectAccessReview: ActionHandler;
  readonly localSubjectAccessReview: ActionHandler;
  readonly selfSubjectAccessReview: ActionHandler;
  readonly selfSubjectRulesReview: ActionHandler;
}

const group = 'authorization.k8s.io';

export function createAccessReviews(authorizer: Authorizer): AccessReviews {
  const review = (kind: string, who: (spec: JsonObject, context: ActionContext) => UserInfo): ActionHandler => {
    return async (request, context) => {
      const spec = object(request.spec);
      const metadata = object(request.metadata);
      if (!['', context.namespace].includes(text(metadata.namespace))) {
        throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
      }
      const errors = checkReview(kind, request, spec, context.namespace);
      if (errors.length > 0) throw invalid({ group, kind }, '', errors);
      const decision = authorizer.authorize(attributesOf(spec, who(spec, context)));
      const { allowed, reason } = decision;
      const status = { allowed, ...(reason === '' ? {} : { reason }) };
      if (context.namespace === '') return { ...request, status };
      return { ...request, metadata: { ...metadata, namespace: context.namespace }, status };
    };
  };
  return {
    subjectAccessReview: review('SubjectAccessReview', subjectOf),
    localSubjectAccessReview: review('LocalSubjectAccessReview', subjectOf),
    selfSubjectAccessReview: review('SelfSubjectAccessReview', (_spec, context) => context.user),
    selfSubjectRulesReview: async (request, { user }) => {
      const namespace = text(object(request.spec).namespace);
      if (namespace === '') throw badRequest('no namespace on request');
      return { ...request, status: rulesStatus(authorizer.rulesFor(user, namespace)) };
    },
  };
}

function checkReview(kind: string, request: JsonObject, spec: JsonObject, urlNamespace: string): FieldError[] {
  const errors: FieldError[] = [];
  const resource = isJsonObject(spec.resourceAttributes) ? spec.resourceAttributes : undefined;
  const path = isJsonObject(spec.nonResourceAttributes) ? spec.nonResourceAttributes : undefined;
  if (resource !== undefined && path !== undefined) {
    errors.push(
      invalidValue('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes'),
    );
  }
  if (resource === undefined && path === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalidValue('spec.resourceAttributes', null, why));
  }
  if (kind !== 'SelfSubjectAccessReview' && text(spec.user) === '' && strings(spec.groups).length === 0) {
    errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  }
  if (resource !== undefined) {
    errors.push(...checkSelector(resource.fieldSelector, 'spec.resourceAttributes.fieldSelector'));
    errors.push(...checkSelector(resource.labelSelector, 'spec.resourceAttributes.labelSelector'));
  }
  if (kind === 'LocalSubjectAccessReview') errors.push(...checkLocal(request, resource, path, urlNamespace));
  return [...errors, ...checkMetadata(kind, object(request.metadata))];
}

/** A question has no name and no labels: who writes some means something else. */
function checkMetadata(kind: string, metadata: JsonObject): FieldError[] {
  const isLocal = kind === 'LocalSubjectAccessReview';
  const { creationTimestamp: _created, managedFields: _owners, ...rest } = metadata;
  const said = Object.keys(rest).filter((field) => !(isLocal && field === 'namespace'));
  if (said.length === 0) return [];
  return [invalidValue('metadata', rest, isLocal ? 'must be empty except for namespace' : 'must be empty')];
}

/** A local review answers for its own namespace only, so that the right to ask can be given per namespace. */
function checkLocal(
  request: JsonObject,
  resource: JsonObject | undefined,
  path: JsonObject | undefined,
  urlNamespace: string,
): FieldError[] {
  const namespace = text(object(request.metadata).namespace) || urlNamespace;
  const errors: FieldError[] = [];
  if (resource !== undefined && text(resource.namespace) !== namespace) {
    const field = 'spec.resourceAttributes.namespace';
    errors.push(invalidValue(field, text(resource.namespace), 'must match metadata.namespace'));
  }
  if (path !== undefined)
    errors.push(invalidValue('spec.nonResourceAttributes', path, 'disallowed on this kind of request'));
  return errors;
}

/** RBAC decides without selectors; a review may carry one, if it is well-formed. */
function checkSelector(selector: JsonValue | undefined, field: string): FieldError[] {
  if (!isJsonObject(selector)) return [];
  const raw = text(selector.rawSelector);
  const requirements = Array.isArray(selector.requirements) ? selector.requirements : [];
  if (raw !== '' && requirements.length > 0) {
    return [invalidValue(`${field}.rawSelector`, raw, 'may not specified at the same time as requirements')];
  }
  if (raw !== '' || requirements.length > 0) return [];
  const why = `when ${field} is specified, requirements or rawSelector is required`;
  return [requiredValue(`${field}.requirements`, why)];
}

function attributesOf(spec: JsonObject, user: UserInfo): Attributes {
  if (isJsonObject(spec.nonResourceAttributes)) {
    const { path, verb } = spec.nonResourceAttributes;
    return { user, verb: text(verb), path: text(path) };
  }
  const resource = object(spec.resourceAttributes);
  return {
    user,
    verb: text(resource.verb),
    group: text(resource.group),
    version: text(resource.version),
    resource: text(resource.resource),
    subresource: text(resource.subresource),
    namespace: text(resource.namespace),
    name: text(resource.name),
  };
}

/** The user that a review asks about, exactly as written: no group is added. */
function subjectOf(spec: JsonObject): UserInfo {
  // fromEntries defines own properties, so that a key like __proto__ stays data. BI-5
  const entries = Object.entries(object(spec.extra)).map(([key, values]) => [key.toLowerCase(), strings(values)]);
  const extra: Record<string, string[]> = Object.fromEntries(entries);
  return {
    name: text(spec.user),
    groups: strings(spec.groups),
    ...(text(spec.uid) === '' ? {} : { uid: text(spec.uid) }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function rulesStatus(rules: readonly PolicyRule[]): JsonObject {
  const resourceRules: JsonValue[] = [];
  const nonResourceRules: JsonValue[] = [];
  for (const rule of rules) {
    const verbs = [...rule.verbs];
    if (rule.resources !== undefined) {
      const names = rule.resourceNames === undefined ? {} : { resourceNames: [...rule.resourceNames] };
      resourceRules.push({ verbs, apiGroups: [...(rule.apiGroups ?? [])], resources: [...rule.resources], ...names });
    }
    if (rule.nonResourceURLs !== undefined)
      nonResourceRules.push({ verbs, nonResourceURLs: [...rule.nonResourceURLs] });
  }
  return { resourceRules, nonResourceRules, incomplete: false };
}

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const strings = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
