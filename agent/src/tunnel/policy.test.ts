import { describe, expect, test } from 'vitest';
import { defaultTunnelPolicy, judgeCaller, parseTunnelPolicy, tokenProblem } from './policy.ts';

const alice = { user: 'alice', groups: ['devs', 'system:authenticated'] };
const by = (text: string, caller = alice, verb: Parameters<typeof judgeCaller>[2] = 'get') =>
  judgeCaller(parseTunnelPolicy(text), caller, verb);

describe('whom a caller becomes', () => {
  test('RG-50 without a policy: the same names, prefixed', () => {
    expect(judgeCaller(defaultTunnelPolicy, alice, 'deletecollection')).toEqual({
      type: 'as',
      user: 'quarterdeck:alice',
      groups: ['quarterdeck:devs', 'quarterdeck:system:authenticated'],
    });
    const root = { user: 'system:admin', groups: ['system:masters'] };
    expect(judgeCaller(defaultTunnelPolicy, root, 'get')).toEqual({
      type: 'as',
      user: 'quarterdeck:system:admin',
      groups: ['quarterdeck:system:masters'],
    });
  });

  test('RG-50 a mapping says otherwise, for that name alone', () => {
    const text = 'users: [{ hub: alice, member: ada }]\ngroups: [{ hub: devs, member: team }]\nuserPrefix: "hub:"';
    expect(by(text)).toEqual({ type: 'as', user: 'ada', groups: ['team', 'quarterdeck:system:authenticated'] });
    expect(by(text, { user: 'alice2', groups: [] })).toEqual({ type: 'as', user: 'hub:alice2', groups: [] });
  });

  test.each(['system:admin', 'system:serviceaccount:kube-system:admin', 'System:admin', ' system:admin'])(
    'RG-50 nobody becomes %s, prefix or none',
    (user) => {
      expect(by('userPrefix: ""', { user, groups: [] }).type).toBe('refused');
      expect(by('groupPrefix: ""', { user: 'a', groups: [user, 'b'] })).toEqual({
        type: 'as',
        user: 'quarterdeck:a',
        groups: ['b'],
      });
      expect(() => parseTunnelPolicy(JSON.stringify({ users: [{ hub: 'a', member: user }] }))).toThrow(
        'users.0.member: must not start with system:',
      );
      expect(() => parseTunnelPolicy(JSON.stringify({ groups: [{ hub: 'a', member: user }] }))).toThrow('system:');
    },
  );

  test('RG-50 names that no header can carry become nobody', () => {
    expect(by('', { user: 'a\r\nimpersonate-user: b', groups: [] }).type).toBe('refused');
    expect(by('', { user: 'a', groups: ['b\n'] })).toEqual({ type: 'as', user: 'quarterdeck:a', groups: [] });
  });
});

describe('who is let in', () => {
  test.each([
    { allow: 'users: [alice]', want: 'as' },
    { allow: 'users: ["al*"]', want: 'as' },
    { allow: 'users: [ali]', want: 'refused' },
    { allow: 'groups: [devs]', want: 'as' },
    { allow: 'groups: [ops]', want: 'refused' },
    { allow: 'users: [bob], groups: ["de*"]', want: 'as' },
    { allow: '', want: 'refused' },
  ])('RG-50 allow {$allow}: $want', ({ allow, want }) => {
    expect(by(`allow: { ${allow} }`).type).toBe(want);
  });

  test('RG-50 only the verbs that are listed', () => {
    expect(by('verbs: [get, list]', alice, 'list').type).toBe('as');
    expect(by('verbs: [get, list]', alice, 'watch')).toEqual({
      type: 'refused',
      why: 'this member does not allow the verb watch through the tunnel',
    });
    expect(by('verbs: []').type).toBe('refused');
    expect(by('verbs: [get]', alice, 'other').type).toBe('refused');
  });

  test.each([
    ['allowed: {}', 'Unrecognized key'],
    ['verbs: [impersonate]', 'verbs.0'],
    ['allow: { users: ["*a"] }', 'allow.users.0: may hold one *, at its end'],
    ['- a', 'the policy'],
    ['users: [{ hub: a }]', 'users.0.member'],
  ])('RG-50 a policy with a mistake is none: %s', (text, message) => {
    expect(() => parseTunnelPolicy(text)).toThrow(message);
  });
});

describe('tokens of service accounts', () => {
  const reader = { namespace: 'default', name: 'reader' };
  const tokens = 'tokens: [{ namespace: default, name: reader }]';

  test('RG-51 of those that are listed, and of no other', () => {
    const policy = parseTunnelPolicy(tokens);
    expect(tokenProblem(policy, alice, reader)).toBeUndefined();
    for (const other of [{ namespace: 'other' }, { name: 'admin' }]) {
      expect(tokenProblem(policy, alice, { ...reader, ...other })).toContain('no tokens of the service account');
    }
    expect(tokenProblem(defaultTunnelPolicy, alice, reader)).toContain('no tokens of the service account');
  });

  test('RG-50, RG-51 for those who are let in at all', () => {
    expect(tokenProblem(parseTunnelPolicy(`allow: { users: [bob] }\n${tokens}`), alice, reader)).toBe(
      'this member does not let you in',
    );
  });

  test.each(['kube-system', 'quarterdeck-system'])('RG-50 none of %s, listed or not', (namespace) => {
    expect(() => parseTunnelPolicy(JSON.stringify({ tokens: [{ namespace, name: 'admin' }] }))).toThrow(
      'tokens.0.namespace: must not be kube-system or quarterdeck-system',
    );
  });
});
