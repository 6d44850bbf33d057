import type { JsonObject } from '@quarterdeck/machinery';
import { testLogger } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../cache/store.ts';
import { type StoredObjects, startStoredObjects } from '../../testing/stored-objects.ts';
import type { Equivalent, Target } from './match.ts';
import { createPolicyReader } from './policy-objects.ts';

/** Which policies a request comes to, and how often all of them are read. */

let objects: StoredObjects;
beforeEach(async () => {
  objects = await startStoredObjects(testLogger());
});
afterEach(() => objects[Symbol.asyncDispose]());

const group = 'admissionregistration.k8s.io';
const renewal: Target = {
  operation: 'UPDATE',
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  subresource: '',
};

async function install(name: string, rule: JsonObject, spec: JsonObject = {}): Promise<void> {
  const resourceRules = [{ apiVersions: ['*'], operations: ['UPDATE'], ...rule }];
  const matchConstraints = { resourceRules, ...spec };
  await objects.put(`validatingadmissionpolicies.${group}`, { metadata: { name }, spec: { matchConstraints } });
  const binding = { metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } };
  await objects.put(`validatingadmissionpolicybindings.${group}`, binding);
}

function reader() {
  const { store } = objects;
  let lists = 0;
  let generation = 1;
  let others: readonly Equivalent[] = [];
  const counting: Pick<Store, 'list' | 'stateOf'> = {
    stateOf: (resource) => store.stateOf(resource),
    list(request) {
      lists += 1;
      return store.list(request);
    },
  };
  const registry = {
    get generation() {
      return generation;
    },
  };
  const read = createPolicyReader({ store: counting, registry, equivalents: () => others });
  return {
    names: (target: Target) => read(target).map(({ policy }) => policy.name),
    lists: () => lists,
    showElsewhere(equivalent: Equivalent) {
      generation += 1;
      others = [equivalent];
    },
  };
}

const works = { apiGroups: ['multicluster.x-k8s.io'], resources: ['works'] };
const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };

test('KA-137b a request comes to the policies whose rules can be about its resource, and to no others', async () => {
  await install('about-leases', leases);
  await install('about-works', works);
  await install('about-all', { apiGroups: ['*'], resources: ['*'] });
  await install('of-creates', { ...leases, operations: ['CREATE'] });
  await install('by-status', { apiGroups: ['*'], resources: ['leases/status', '*/status'] });
  await install('of-some', leases, { namespaceSelector: { matchLabels: { a: 'b' } } });
  const { names } = reader();
  expect(names(renewal)).toEqual(['about-all', 'about-leases', 'of-some']);
  expect(names({ ...renewal, operation: 'CREATE' })).toEqual(['of-creates']);
  expect(names({ ...renewal, subresource: 'status' })).toEqual(['by-status']);
});

test('KA-137b policies are read once for as long as none changes, however many requests come', async () => {
  await install('about-leases', leases);
  await install('about-works', works);
  const { names, lists } = reader();
  for (const version of ['v1', 'v1', 'v1beta1']) names({ ...renewal, version });
  await objects.put('configmaps', { metadata: { name: 'other', namespace: 'default' } });
  expect([names(renewal), lists()]).toEqual([['about-leases'], 2]);
});

test('KA-137b what is written, or taken away, acts on the next request', async () => {
  const { names } = reader();
  expect(names(renewal)).toEqual([]);
  await install('first', leases);
  expect(names(renewal)).toEqual(['first']);
  await install('second', leases);
  await install('first', works);
  expect(names(renewal)).toEqual(['second']);
  const resource = `validatingadmissionpolicybindings.${group}`;
  await objects.remove({ resource, namespace: '', name: 'second' });
  expect(names(renewal)).toEqual([]);
});

test('KA-137b a policy about a resource that comes to show the same objects is found, unless it is exact', async () => {
  const elsewhere = { group: 'other.k8s.io', version: 'v1', resource: 'leases', kind: 'Lease' };
  await install('equivalent', { apiGroups: ['other.k8s.io'], resources: ['leases'] });
  await install('exact', { apiGroups: ['other.k8s.io'], resources: ['leases'] }, { matchPolicy: 'Exact' });
  const { names, showElsewhere } = reader();
  expect(names(renewal)).toEqual([]);
  showElsewhere(elsewhere);
  expect(names(renewal)).toEqual(['equivalent']);
});
