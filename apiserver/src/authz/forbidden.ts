import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';
import { goQuote } from '@quarterdeck/machinery';
import type { Attributes } from './authorizer.ts';
import { isResourceRequest } from './rules.ts';

/**
 * The 403 for a request that no rule allows, worded as kube-apiserver words it, since people and tests match on it.
 * HTML characters are escaped, because browsers show these texts. KA-39
 */
export function forbidden(attributes: Attributes, reason: string): ApiError {
  const refusal = escapeHtml(refusalText(attributes));
  const text = reason === '' ? refusal : `${refusal}: ${reason}`;
  if (!isResourceRequest(attributes)) return apiError(StatusReason.Forbidden, `forbidden: ${text}`, {});
  return forbiddenObject({ group: attributes.group, plural: attributes.resource }, attributes.name, text);
}

/** The 403 of admission and escalation checks: `roles.rbac.authorization.k8s.io "x" is forbidden: why`. */
export function forbiddenObject(type: { group: string; plural: string }, name: string, why: string): ApiError {
  const resource = type.group === '' ? type.plural : `${type.plural}.${type.group}`;
  return apiError(StatusReason.Forbidden, `${resource}${name === '' ? '' : ` "${name}"`} is forbidden: ${why}`, {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
  });
}

function refusalText(attributes: Attributes): string {
  const user = goQuote(attributes.user.name);
  if (!isResourceRequest(attributes)) return `User ${user} cannot ${attributes.verb} path ${goQuote(attributes.path)}`;
  const { resource, subresource, group, namespace, verb } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  return `User ${user} cannot ${verb} resource ${goQuote(full)} in API group ${goQuote(group)} ${where}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
