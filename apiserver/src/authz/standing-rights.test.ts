import { expect, test } from 'vitest';
import type { Attributes, Authorizer } from './authorizer.ts';
import { createStandingRights, type SupportedDecision } from './standing-rights.ts';

const role = (name: string) => ({ resource: 'roles', namespace: 'n', name });
/** A right of each user, resting on the role of that name, until it is taken away. */
function world() {
  const asked: string[] = [];
  const lost: string[] = [];
  const without = new Set<string>();
  const decide = ({ user }: Attributes): SupportedDecision => {
    asked.push(user.name);
    return without.has(user.name)
      ? { allowed: false, reason: '', support: [] }
      : { allowed: true, reason: '', support: [role(user.name), role('common')] };
  };
  const authorizer: Authorizer = { authorize: decide, rulesFor: () => [] };
  const rights = createStandingRights(authorizer, decide);
  const hold = (name: string) =>
    rights.hold(
      (current) => current.authorize({ user: { name, groups: [] }, verb: 'get', path: '/' }).allowed,
      () => lost.push(name),
    );
  return { rights, hold, asked, lost, without };
}

test('RG-22 a change of roles looks only at the requests that rest on what changed', () => {
  const { rights, hold, asked, lost, without } = world();
  for (const name of ['ada', 'bob', 'eve']) hold(name);
  asked.length = 0;
  rights.changed(role('unrelated'));
  expect(asked).toEqual([]);
  without.add('ada').add('bob');
  rights.changed(role('ada'));
  expect([asked, lost]).toEqual([['ada'], ['ada']]);
  rights.changed(role('common'));
  expect([asked, lost]).toEqual([
    ['ada', 'bob', 'eve'],
    ['ada', 'bob'],
  ]);
});

test('RG-22 after a reload everything is asked again; what ended is never asked', () => {
  const { rights, hold, asked, lost, without } = world();
  hold('ada');
  hold('bob')[Symbol.dispose]();
  asked.length = 0;
  without.add('ada').add('bob');
  rights.reloaded();
  rights.reloaded();
  rights.changed(role('common'));
  expect([asked, lost]).toEqual([['ada'], ['ada']]);
});

test('RG-22 a right that is gone when the hold begins is lost at once, and so is one that cannot be judged', () => {
  const { rights, hold, lost, without } = world();
  without.add('ada');
  hold('ada');
  rights.hold(
    () => {
      throw new Error('no such user');
    },
    () => lost.push('nobody'),
  );
  expect(lost).toEqual(['ada', 'nobody']);
});
