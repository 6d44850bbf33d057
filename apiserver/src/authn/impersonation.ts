import { badRequest } from '@quarterdeck/apis';
import type { Authorizer, ResourceAttributes } from '../authz/authorizer.ts';
import { forbidden } from '../authz/forbidden.ts';
import type { ApiRequest } from '../pipeline/http-message.ts';
import { anonymousUser, type UserInfo } from './authenticator.ts';
import { authenticatedGroup } from './chain.ts';

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';
const known = ['impersonate-user', 'impersonate-group', 'impersonate-uid'];

/** What a request asks to act as. */
interface Asked {
  readonly user: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * Who the caller wants to act as, once they may: each part needs the verb `impersonate` of its own. Undefined when no
 * impersonation header is there. The headers count on this API only and are never forwarded. KA-126, SEC-6
 *
 * An empty or unknown header is a 400 rather than ignored: a caller that means to drop its rights must never keep them
 * by a slip of a header.
 *
 * @throws ApiError BadRequest, Forbidden
 */
export function impersonate(
  request: Pick<ApiRequest, 'headers' | 'headerLists'>,
  caller: UserInfo,
  authorizer: Authorizer,
): UserInfo | undefined {
  const asked = readHeaders(request);
  if (asked === undefined) return undefined;
  for (const attributes of requiredRights(asked, caller)) {
    const { allowed, reason } = authorizer.authorize(attributes);
    if (!allowed) throw forbidden(attributes, reason);
  }
  return {
    name: asked.user,
    groups: groupsOf(asked),
    ...(asked.uid === undefined ? {} : { uid: asked.uid }),
    ...(Object.keys(asked.extra).length === 0 ? {} : { extra: asked.extra }),
  };
}

function readHeaders({ headers, headerLists }: Pick<ApiRequest, 'headers' | 'headerLists'>): Asked | undefined {
  const values = (name: string): readonly string[] => {
    const single = headers[name];
    return headerLists[name] ?? (single === undefined ? [] : [single]);
  };
  const names = [...new Set([...Object.keys(headers), ...Object.keys(headerLists)])].filter(
    (name) => name.startsWith(prefix) && values(name).length > 0,
  );
  if (names.length === 0) return undefined;
  const unknown = names.find((name) => !known.includes(name) && !name.startsWith(extraPrefix));
  if (unknown !== undefined) throw badRequest(`unknown impersonation header ${unknown}`);
  const empty = names.find((name) => values(name).includes(''));
  if (empty !== undefined) throw badRequest(`impersonation header ${empty} is empty`);
  const user = only('impersonate-user', values('impersonate-user'));
  if (user === undefined) throw badRequest(`requested ${names.sort().join(', ')} without impersonating a user`);
  // fromEntries defines own properties, so that a key like __proto__ stays data. BI-5
  const extraNames = names.filter((name) => name.startsWith(extraPrefix));
  const extra = Object.fromEntries(extraNames.map((name) => [extraKey(name), values(name)]));
  return { user, uid: only('impersonate-uid', values('impersonate-uid')), groups: values('impersonate-group'), extra };
}

/** Which of two users was meant cannot be known. */
function only(name: string, values: readonly string[]): string | undefined {
  if (values.length > 1) throw badRequest(`impersonation header ${name} is given more than once`);
  return values[0];
}

function extraKey(header: string): string {
  const encoded = header.slice(extraPrefix.length).toLowerCase();
  try {
    const key = decodeURIComponent(encoded).toLowerCase();
    if (key !== '') return key;
  } catch {
    // Falls through: not percent-encoded as it should be.
  }
  throw badRequest(`impersonation header ${header} names no extra key`);
}

function* requiredRights(asked: Asked, caller: UserInfo): Iterable<ResourceAttributes> {
  const right = (resource: string, name: string, more: Partial<ResourceAttributes> = {}): ResourceAttributes => ({
    user: caller,
    verb: 'impersonate',
    group: '',
    version: '',
    resource,
    subresource: '',
    namespace: '',
    name,
    ...more,
  });
  const account = serviceAccountOf(asked.user);
  if (account === undefined) yield right('users', asked.user);
  else yield right('serviceaccounts', account.name, { version: 'v1', namespace: account.namespace });
  for (const group of asked.groups) yield right('groups', group);
  const authentication = { group: 'authentication.k8s.io', version: 'v1' };
  for (const [key, values] of Object.entries(asked.extra)) {
    for (const value of values) yield right('userextras', value, { ...authentication, subresource: key });
  }
  if (asked.uid !== undefined) yield right('uids', asked.uid, authentication);
}

/** Groups that were asked for are final, but for the one that tells users from strangers. */
function groupsOf(asked: Asked): string[] {
  const account = serviceAccountOf(asked.user);
  const isBare = asked.groups.length === 0;
  const groups = isBare && account !== undefined ? serviceAccountGroups(account.namespace) : [...asked.groups];
  const [unauthenticated = ''] = anonymousUser.groups;
  if (asked.user === anonymousUser.name) {
    return groups.includes(unauthenticated) ? groups : [...groups, unauthenticated];
  }
  const isMarked = groups.includes(authenticatedGroup) || groups.includes(unauthenticated);
  return isMarked ? groups : [...groups, authenticatedGroup];
}

/** Groups of every service account of a namespace. KA-121 */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

const dnsLabel = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const accountPattern = new RegExp(`^system:serviceaccount:(${dnsLabel}):(${dnsLabel}(?:\\.${dnsLabel})*)$`);

/** The parts of `system:serviceaccount:NAMESPACE:NAME`; undefined for any other user name. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  // The lengths come first: they bound what the pattern has to try.
  if (user.length > 'system:serviceaccount:'.length + 63 + 1 + 253) return undefined;
  const [, namespace, name] = accountPattern.exec(user) ?? [];
  if (namespace === undefined || name === undefined || namespace.length > 63 || name.length > 253) return undefined;
  return { namespace, name };
}
