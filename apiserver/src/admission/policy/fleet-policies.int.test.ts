import { allKinds, allPolicies, CustomResourceDefinition, crdOf, label } from '@quarterdeck/apis';
import {
  type Exchange,
  playPolicyVerdict,
  playVerdict,
  policyUser,
  policyVerdicts,
  rolesFor,
  verdicts,
} from '@quarterdeck/apis/testing';
import type { JsonObject } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UserInfo } from '../../authn/authenticator.ts';
import { dataDefinitions } from '../../builtin/definitions.ts';
import { systemUser } from '../../server.ts';
import { send } from '../../testing/request.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';

let running: TestServer;

const sender =
  (user: UserInfo) =>
  async ({ method, path, body }: Exchange) => {
    const plain = body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) as JsonObject };
    const answer = await send(running.server.pipeline, { method, url: path, user, ...plain });
    return { code: answer.status, body: answer.json };
  };

async function create(path: string, objects: readonly object[]): Promise<void> {
  for (const object of objects) {
    const { code, body } = await sender(systemUser)({ method: 'POST', path, body: object });
    expect([code, body.message]).toEqual([201, undefined]);
  }
}

beforeAll(async () => {
  running = await startTestServer({ controllers: true, definitions: dataDefinitions });
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', allKinds.map(crdOf));
  const client = running.server.client(systemUser);
  await eventually(async () => {
    const { items } = await client.list(CustomResourceDefinition);
    return items.every(({ status }) => status?.conditions?.some(({ type }) => type === 'Established') === true);
  });
  const admission = '/apis/admissionregistration.k8s.io/v1';
  await create(
    `${admission}/validatingadmissionpolicies`,
    allPolicies.map(({ policy }) => policy),
  );
  await create(
    `${admission}/validatingadmissionpolicybindings`,
    allPolicies.map(({ binding }) => binding),
  );
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  await create(
    `${rbac}/clusterroles`,
    policyVerdicts.map((verdict) => rolesFor(verdict)[0]),
  );
  await create(
    `${rbac}/clusterrolebindings`,
    policyVerdicts.map((verdict) => rolesFor(verdict)[1]),
  );
});
afterAll(() => running[Symbol.asyncDispose]());

test('WK-2 a Work outside the namespaces of members is stored with a warning, one for a member without', async () => {
  const member = { name: 'member-heard', labels: { [label.memberCluster]: 'heard' } };
  await create('/api/v1/namespaces', [{ apiVersion: 'v1', kind: 'Namespace', metadata: member }]);
  const warningFor = async (namespace: string) => {
    const { status, headers } = await send(running.server.pipeline, {
      method: 'POST',
      user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
      url: `/apis/multicluster.x-k8s.io/v1alpha1/namespaces/${namespace}/works`,
      body: {
        apiVersion: 'multicluster.x-k8s.io/v1alpha1',
        kind: 'Work',
        metadata: { name: 'warned' },
        spec: { workload: { manifests: [] } },
      },
    });
    return [status, String(headers.warning)];
  };
  expect(await warningFor('default')).toEqual([
    201,
    expect.stringContaining('the namespace default belongs to no member cluster, so no agent applies this Work'),
  ]);
  expect(await warningFor('member-heard')).toEqual([201, 'undefined']);
});

test.each(verdicts)('$name, on our server', async (verdict) => {
  expect(await playVerdict(verdict, 'default', sender(systemUser))).toEqual([]);
});

test.each(policyVerdicts)('$name, on our server', async (verdict) => {
  const user = { ...policyUser(verdict), groups: [...policyUser(verdict).groups, 'system:authenticated'] };
  const problems = await playPolicyVerdict(verdict, 'default', { admin: sender(systemUser), user: sender(user) });
  expect(problems).toEqual([]);
});
