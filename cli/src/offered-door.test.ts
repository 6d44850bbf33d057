import { ClusterProfile, type KubeObject, type MemberCluster, notFound } from '@quarterdeck/apis';
import { objectOf } from '@quarterdeck/apis/testing';
import type { Client } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { offeredDoor } from './offered-door.ts';

const member: MemberCluster = {
  apiVersion: 'quarterdeck.dev/v1alpha1',
  kind: 'MemberCluster',
  metadata: { name: 'm1' },
  spec: { acceptance: 'Accepted', clusterSet: 'edge' },
};
const profile = (namespace: string, server: string, more: object = {}) =>
  objectOf(ClusterProfile, 'm1', {
    metadata: { namespace, name: 'm1', labels: { 'quarterdeck.dev/member-cluster': 'm1' } },
    status: { accessProviders: [{ name: 'quarterdeck-tunnel', cluster: { server, ...more } }] },
  });

/** A hub that holds these, and shows each by its name. */
function holding(...objects: readonly KubeObject[]): Pick<Client, 'get'> {
  const get = ((type, { namespace, name }) => {
    const found = objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return found === undefined ? Promise.reject(notFound(type, name)) : Promise.resolve(found);
  }) as Client['get'];
  return { get };
}

test('RG-53, SEC-15 the way to a member is read from the profile of its set, so that nobody else is sent credentials', async () => {
  const forged = profile('a-tenant', 'https://collector.example.com');
  expect(await offeredDoor(holding(forged), member)).toBeUndefined();
  const ca = Buffer.from('PEM').toString('base64');
  const own = profile('clusterset-edge', 'https://hub.example.com', { 'certificate-authority-data': ca });
  expect(await offeredDoor(holding(forged, own), member)).toEqual({ server: 'https://hub.example.com', caPem: 'PEM' });
});

test('RG-53, PL-21 of a member that names a set that is not there, from the profile of the set that it is in', async () => {
  const own = profile('clusterset-edge', 'https://hub.example.com');
  const moved = { ...member, spec: { ...member.spec, clusterSet: 'egde' }, status: { clusterSet: 'edge' } };
  expect(await offeredDoor(holding(own), moved)).toEqual({ server: 'https://hub.example.com' });
});
