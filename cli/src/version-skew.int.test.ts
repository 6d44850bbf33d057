import { apiVersionOf, ConfigMap, CustomResourceDefinition, Namespace, Work } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { isAvailable, startTestFleet } from './testing/fleet.ts';

/** There is one version so far; hub and agent of another are played by kinds that have more fields, or fewer. */

interface Schema {
  properties?: Record<string, Schema>;
  [word: string]: unknown;
}

/** Changes the fields that a kind has below a path, in each version that the hub serves. */
async function changeFields(
  admin: Client,
  kind: string,
  path: readonly string[],
  change: (fields: Record<string, Schema>) => void,
): Promise<void> {
  const crd = structuredClone(await admin.get(CustomResourceDefinition, { name: kind }));
  for (const { schema } of crd.spec.versions) {
    let at = schema?.openAPIV3Schema as Schema;
    for (const field of path) at = at.properties?.[field] ?? {};
    if (at.properties === undefined) throw new Error(`${kind} has no fields below ${path.join('.')}`);
    change(at.properties);
  }
  await admin.update(CustomResourceDefinition, crd);
}

const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' } };
const manifests = [{ ...settings, data: { text: 'hello' } }];
const ref = { namespace: 'member-m1', name: 'one' };

/** Asks for the settings on m1, and waits until the agent says that they are applied. */
async function applied(admin: Client, more: Readonly<Record<string, unknown>> = {}) {
  await eventually(() => admin.get(Namespace, { name: ref.namespace }));
  const spec = { workload: { manifests }, ...more };
  await admin.create(Work, { apiVersion: apiVersionOf(Work), kind: Work.kind, metadata: ref, spec });
  return await eventually(async () => {
    const found = await admin.get(Work, ref);
    return found.status?.conditions.some(({ type, status }) => type === 'Applied' && status === 'True') && found;
  });
}

test('F-29 an agent that is newer than the hub does its work; a report that the hub cannot take is refused with what to do', async () => {
  await using fleet = await startTestFleet(['m1']);
  const members = 'memberclusters.quarterdeck.dev';
  await changeFields(fleet.admin, members, ['status', 'agent'], (fields) => {
    delete fields.version;
  });
  await changeFields(fleet.admin, 'works.multicluster.x-k8s.io', ['status'], (fields) => {
    delete fields.manifestConditions;
  });
  await fleet.join('m1');
  const refusal = await eventually(() =>
    fleet.logger.lines.find(
      ({ msg }) => msg === 'the hub is older than this agent and refuses its status: upgrade the hub first',
    ),
  );
  expect(refusal.reason).toContain('.status.agent.version: field not declared in schema');

  // What the hub does not know of the status of a Work is dropped, and said once.
  expect((await applied(fleet.admin)).status?.manifestConditions).toBeUndefined();
  await eventually(() => fleet.logger.messages('warn').includes('the hub warns'));
  const warnings = fleet.logger.lines.filter(({ msg }) => msg === 'the hub warns').map(({ warning }) => warning);
  expect(warnings).toEqual(['unknown field "status.manifestConditions"']);

  await changeFields(fleet.admin, members, ['status', 'agent'], (fields) => {
    fields.version = { type: 'string' };
  });
  await isAvailable(fleet.admin, 'm1');
});

test('F-29 an agent that is older than the hub is served: fields that it does not know stay as they are', async () => {
  await using fleet = await startTestFleet(['m1']);
  await changeFields(fleet.admin, 'works.multicluster.x-k8s.io', ['spec'], (fields) => {
    fields.novelty = { type: 'string' };
  });
  await changeFields(fleet.admin, 'memberclusters.quarterdeck.dev', ['status', 'agent'], (fields) => {
    fields.novelty = { type: 'string' };
  });
  await fleet.join('m1');
  await isAvailable(fleet.admin, 'm1');
  const work = await applied(fleet.admin, { novelty: 'kept' });
  // The agent has written to it: its finalizer, as a full update.
  expect(work.metadata.finalizers).toHaveLength(1);
  expect(work.spec).toMatchObject({ novelty: 'kept' });
  const onMember = await fleet.memberClient('m1').get(ConfigMap, { namespace: 'default', name: 'settings' });
  expect(onMember.data).toEqual({ text: 'hello' });
});
