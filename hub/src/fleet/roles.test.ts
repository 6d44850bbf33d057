import { expect, test } from 'vitest';
import { fleetClusterRoles } from './roles.ts';

const onProfiles = (verbs: readonly string[]) =>
  fleetClusterRoles
    .filter(({ rules }) =>
      rules?.some(
        (rule) =>
          rule.resources?.includes('clusterprofiles') === true && rule.verbs.some((verb) => verbs.includes(verb)),
      ),
    )
    .map(({ metadata }) => metadata.name);

test('CI-2 of all roles that we install the hub alone writes profiles', () => {
  expect(onProfiles(['create', 'update', 'patch', 'delete'])).toEqual(['quarterdeck:hub']);
});

test('CI-8 who may view a namespace may read the part of the inventory in it', () => {
  expect(onProfiles(['list'])).toEqual(['quarterdeck:hub', 'quarterdeck:view']);
  const view = fleetClusterRoles.find(({ metadata }) => metadata.name === 'quarterdeck:view');
  expect(view?.metadata.labels).toMatchObject({ 'rbac.authorization.k8s.io/aggregate-to-view': 'true' });
});
