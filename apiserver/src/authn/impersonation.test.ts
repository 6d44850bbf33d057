import { ApiError } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import type { Attributes, Authorizer } from '../authz/authorizer.ts';
import { impersonate, serviceAccountOf } from './impersonation.ts';

/** Nothing of whom is left in whom they act as. */
const root = { name: 'root', uid: 'r', groups: ['ops'], extra: { scopes: ['all'] } };

/** Allows what `rights` lists, in the form `resource[/subresource][@group] [namespace/]name`; `*` allows all. */
function rights(...list: string[]): Authorizer & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    authorize(attributes: Attributes) {
      if (!('resource' in attributes)) throw new Error('only resources are asked for');
      const { resource, subresource, group, namespace, name, verb, user } = attributes;
      expect([verb, user]).toEqual(['impersonate', root]);
      const full = `${resource}${subresource === '' ? '' : `/${subresource}`}${group === '' ? '' : `@${group}`}`;
      const text = `${full} ${namespace === '' ? '' : `${namespace}/`}${name}`;
      asked.push(text);
      return { allowed: list.includes('*') || list.includes(text), reason: '' };
    },
    rulesFor: () => [],
  };
}

function act(headers: Record<string, string | string[]>, authorizer: Authorizer) {
  const singles = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const lists = Object.entries(headers).filter((entry): entry is [string, string[]] => typeof entry[1] !== 'string');
  try {
    const request = { headers: Object.fromEntries(singles), headerLists: Object.fromEntries(lists) };
    return impersonate(request, root, authorizer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

test('KA-126 without impersonation headers nothing is asked', () => {
  const authorizer = rights();
  expect(
    act({ accept: 'application/json', 'x-remote-user': 'eve', 'x-remote-group': 'system:masters' }, authorizer),
  ).toBeUndefined();
  expect(authorizer.asked).toEqual([]);
});

test('KA-126 every part needs a right of its own', () => {
  const authorizer = rights('*');
  const headers = {
    'impersonate-user': 'ada',
    'impersonate-group': ['dev', 'ops'],
    'impersonate-uid': '7',
    'impersonate-extra-example.com%2fscopes': ['view', 'edit'],
  };
  expect(act(headers, authorizer)).toEqual({
    name: 'ada',
    uid: '7',
    groups: ['dev', 'ops', 'system:authenticated'],
    extra: { 'example.com/scopes': ['view', 'edit'] },
  });
  expect(authorizer.asked).toEqual([
    'users ada',
    'groups dev',
    'groups ops',
    'userextras/example.com/scopes@authentication.k8s.io view',
    'userextras/example.com/scopes@authentication.k8s.io edit',
    'uids@authentication.k8s.io 7',
  ]);
});

describe('BI-28 403 when one right is missing', () => {
  const headers = {
    'impersonate-user': 'ada',
    'impersonate-group': ['dev', 'system:masters'],
    'impersonate-uid': '7',
    'impersonate-extra-k': 'v',
  };
  const all = [
    'users ada',
    'groups dev',
    'groups system:masters',
    'userextras/k@authentication.k8s.io v',
    'uids@authentication.k8s.io 7',
  ];
  test.each(all)('BI-28 %s', (missing) => {
    expect(act(headers, rights(...all.filter((right) => right !== missing)))).toMatch(
      /^403 .* is forbidden: User "root" cannot impersonate/,
    );
  });
});

test('BI-28 the refusal says who, what and where', () => {
  expect(act({ 'impersonate-user': 'ada' }, rights())).toBe(
    '403 users "ada" is forbidden: User "root" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
});

test('KA-126 a service account is one in its namespace, and has its groups when none are given', () => {
  const authorizer = rights('serviceaccounts n/bot', 'groups x');
  expect(act({ 'impersonate-user': 'system:serviceaccount:n:bot' }, authorizer)).toEqual({
    name: 'system:serviceaccount:n:bot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:n', 'system:authenticated'],
  });
  expect(act({ 'impersonate-user': 'system:serviceaccount:n:bot', 'impersonate-group': 'x' }, authorizer)).toEqual({
    name: 'system:serviceaccount:n:bot',
    groups: ['x', 'system:authenticated'],
  });
});

test('KA-126 keys of extra are lower-case, however they are written', () => {
  const headers = { 'impersonate-user': 'ada', 'impersonate-extra-%53cope': 'view' };
  const authorizer = rights('*');
  expect(act(headers, authorizer)).toMatchObject({ extra: { scope: ['view'] } });
  expect(authorizer.asked).toEqual(['users ada', 'userextras/scope@authentication.k8s.io view']);
});

test('KA-126 a user who is asked for as a stranger does not count as known', () => {
  const headers = { 'impersonate-user': 'ada', 'impersonate-group': 'system:unauthenticated' };
  expect(act(headers, rights('*'))).toEqual({ name: 'ada', groups: ['system:unauthenticated'] });
});

test('KA-126 the anonymous user stays unauthenticated', () => {
  expect(act({ 'impersonate-user': 'system:anonymous' }, rights('*'))).toEqual({
    name: 'system:anonymous',
    groups: ['system:unauthenticated'],
  });
});

test.each([
  {
    name: 'KA-126 a group without a user',
    headers: { 'impersonate-group': 'dev' },
    want: '400 requested impersonate-group without impersonating a user',
  },
  {
    name: 'KA-126 a uid without a user',
    headers: { 'impersonate-uid': '7' },
    want: '400 requested impersonate-uid without impersonating a user',
  },
  {
    name: 'KA-126 an extra without a user',
    headers: { 'impersonate-extra-k': 'v' },
    want: '400 requested impersonate-extra-k without impersonating a user',
  },
  {
    name: 'SEC-14 an empty user is not no user',
    headers: { 'impersonate-user': '' },
    want: '400 impersonation header impersonate-user is empty',
  },
  {
    name: 'SEC-6 two users',
    headers: { 'impersonate-user': ['ada', 'eve'] },
    want: '400 impersonation header impersonate-user is given more than once',
  },
  {
    name: 'SEC-6 a header that nobody knows',
    headers: { 'impersonate-user': 'ada', 'impersonate-role': 'x' },
    want: '400 unknown impersonation header impersonate-role',
  },
  {
    name: 'SEC-6 an extra key that cannot be decoded',
    headers: { 'impersonate-user': 'ada', 'impersonate-extra-%zz': 'x' },
    want: '400 impersonation header impersonate-extra-%zz names no extra key',
  },
] as { name: string; headers: Record<string, string | string[]>; want: string }[])('$name', ({ headers, want }) => {
  expect(act(headers, rights('*'))).toBe(want);
});

test('BI-5 an extra key of __proto__ is data', () => {
  const user = act({ 'impersonate-user': 'ada', 'impersonate-extra-__proto__': 'x' }, rights('*'));
  expect(typeof user === 'object' && Object.entries(user.extra ?? {})).toEqual([['__proto__', ['x']]]);
});

test.each([
  ['system:serviceaccount:n:bot', { namespace: 'n', name: 'bot' }],
  ['system:serviceaccount:n:bot.v1', { namespace: 'n', name: 'bot.v1' }],
  ['system:serviceaccount:n', undefined],
  ['system:serviceaccount:n:a:b', undefined],
  ['system:serviceaccount:N:a', undefined],
  ['system:serviceaccount:n:a..b', undefined],
  [`system:serviceaccount:${'n'.repeat(64)}:a`, undefined],
  [`system:serviceaccount:n:${'a'.repeat(100_000)}`, undefined],
  ['system:serviceaccounts:n:a', undefined],
])('KA-121 %s', (user, want) => {
  expect(serviceAccountOf(user)).toEqual(want);
});
