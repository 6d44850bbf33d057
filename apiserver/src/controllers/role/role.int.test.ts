import { ClusterRole } from '@quarterdeck/apis';
import { eventually, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startTestControllers } from '../../testing/controllers.ts';

test('KA-128 admin, edit and view hold what is labelled for them, and follow changes', async () => {
  await using running = await startTestControllers({ logger: testLogger() });
  const { client } = running;
  const rulesOf = async (name: string) => (await client.get(ClusterRole, { name })).rules ?? [];
  const secrets = (rules: ClusterRole['rules']) =>
    rules?.some(({ resources }) => resources?.includes('secrets')) ?? false;
  await eventually(async () => secrets(await rulesOf('admin')));
  expect(secrets(await rulesOf('view'))).toBe(false);

  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rules = [{ verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] }];
  const widgets = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'widgets', labels },
    rules,
  };
  const holds = async (name: string) =>
    (await rulesOf(name)).some(({ apiGroups }) => apiGroups?.includes('example.com'));
  await client.create(ClusterRole, widgets);
  await eventually(async () => (await holds('view')) && (await holds('edit')) && (await holds('admin')));

  const view = await client.get(ClusterRole, { name: 'view' });
  await client.update(ClusterRole, { ...view, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] });
  await eventually(async () => !(await rulesOf('view')).some(({ verbs }) => verbs.includes('*')));

  await client.delete(ClusterRole, { name: 'widgets' });
  await eventually(async () => !(await holds('view')) && !(await holds('admin')));
});
