import { AppliedWork, annotation, ConfigMap, type Manifest, Secret, Work, WorkReport } from '@quarterdeck/apis';
import { type Client, encodeJson, type JsonValue } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverAway, troubledClient } from './testing/troubled-client.ts';
import {
  hubNamespace,
  isThere,
  rewrite,
  settledWork,
  startWorkEngine,
  type WorkEngine,
  workOf,
} from './testing/work-engine.ts';

/** Data of Secrets by reference: from a Secret beside the Work on the hub, to one on the member, and nowhere in between. */

let isHubAway = false;
const absent = (client: Client, of: 'hub' | 'member'): Client =>
  of === 'member' ? client : troubledClient(client, () => (isHubAway ? serverAway('the hub') : undefined));

let engine: WorkEngine;
beforeAll(async () => {
  engine = await startWorkEngine({ wrap: absent });
});
afterAll(() => engine[Symbol.asyncDispose]());

const base64 = (text: string) => Buffer.from(text).toString('base64');
const value = 'correct-horse-battery';
const referring = (name: string, from: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default', annotations: { [annotation.secretDataFrom]: from } },
});
const configMap = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});
const hold = (name: string, text: string) =>
  engine.hub.create(Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: hubNamespace },
    type: 'example.test/login',
    data: { password: base64(text) },
  });
const onMember = (name: string) => engine.member.get(Secret, { namespace: 'default', name });
const isApplied = (name: string) =>
  eventually(async () => (await settledWork(engine, name)).Applied === 'True AppliedWorkComplete');
const problemOf = async (name: string, index = 0) => {
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name });
  const [applied] = status?.manifestConditions?.[index]?.conditions ?? [];
  return applied?.status === 'False' ? `${applied.reason}: ${applied.message}` : undefined;
};

test('DL-31, SEC-12 data comes by reference, and stands in no Work, report, journal, cache, event or log', async () => {
  await hold('db', value);
  await engine.hub.create(Work, workOf('login', referring('login', 'db')));
  await isApplied('login');
  const made = await onMember('login');
  expect([made.data, made.type]).toEqual([{ password: base64(value) }, 'example.test/login']);
  await eventually(() => isThere(engine.hub, WorkReport, 'login', hubNamespace));
  const known = await eventually(async () => {
    const cached = await engine.cached();
    return cached?.works.length === 1 && cached;
  });
  // Changed on the member, it is put back, and told without its data.
  const body = { data: { password: base64('guessed'), more: base64('x') } };
  await engine.member.patch(Secret, { namespace: 'default', name: 'login' }, { type: 'merge', body });
  await eventually(async () => (await onMember('login')).data?.password === base64(value));
  const report = await eventually(async () => {
    const found = await engine.hub.get(WorkReport, { namespace: hubNamespace, name: 'login' });
    return found.status?.manifests?.[0]?.drift?.state === 'Repaired' && found;
  });
  const everywhere = [
    (await engine.hub.list(Work)).items,
    report,
    (await engine.member.list(AppliedWork)).items,
    known,
    engine.logger.lines,
  ].map((each) => encodeJson(each as unknown as JsonValue));
  for (const text of everywhere) {
    for (const secret of [value, base64(value), base64('guessed'), 'guessed']) expect(text).not.toContain(secret);
  }
});

test('DL-31 a Secret that is not there is named, holds up nothing else, and what stands on the member stays', async () => {
  await engine.hub.create(Work, workOf('late', referring('late', 'late'), configMap('beside')));
  await eventually(
    async () =>
      (await problemOf('late')) ===
      `SecretUnavailable: there is no Secret late in namespace ${hubNamespace} of the hub; what stands on the member is left as it is, drifted or not`,
  );
  await eventually(() => isThere(engine.member, ConfigMap, 'beside', 'default'));
  await hold('late', 'one');
  await eventually(async () => (await settledWork(engine, 'late')).Applied === 'True AppliedWorkComplete', {
    timeoutMs: 30_000,
  });
  const { uid } = (await onMember('late')).metadata;
  await engine.hub.delete(Secret, { namespace: hubNamespace, name: 'late' });
  await engine.restart();
  await eventually(async () => (await problemOf('late'))?.startsWith('SecretUnavailable') === true);
  expect((await onMember('late')).metadata.uid).toBe(uid);
  await hold('late', 'two');
  await eventually(async () => (await onMember('late')).data?.password === base64('two'), { timeoutMs: 30_000 });
  expect((await onMember('late')).metadata.uid).toBe(uid);
}, 90_000);

test('DL-31 a changed Secret of the hub reaches the member, though the Work is the same', async () => {
  await hold('turned', 'one');
  await engine.hub.create(Work, workOf('turned', referring('turned', 'turned')));
  await isApplied('turned');
  const body = { data: { password: base64('two') } };
  await engine.hub.patch(Secret, { namespace: hubNamespace, name: 'turned' }, { type: 'merge', body });
  await engine.restart(); // which does not go by what it read before
  await eventually(async () => (await onMember('turned')).data?.password === base64('two'));
});

test('DL-31, F-14 after a restart with the hub away the data is nowhere to be had: the Secret is left as it is', async () => {
  await hold('away', 'one');
  await engine.hub.create(Work, workOf('away', referring('away', 'away'), configMap('kept')));
  await isApplied('away');
  await eventually(async () => (await engine.cached())?.works.some(({ metadata }) => metadata.name === 'away'));
  isHubAway = true;
  await engine.restart();
  const body = { data: { password: base64('changed') } };
  await engine.member.patch(Secret, { namespace: 'default', name: 'away' }, { type: 'merge', body });
  await engine.member.delete(ConfigMap, { namespace: 'default', name: 'kept' });
  // What needs no data is kept right meanwhile.
  await eventually(() => isThere(engine.member, ConfigMap, 'kept', 'default'), { timeoutMs: 20_000 });
  expect((await onMember('away')).data).toEqual({ password: base64('changed') });
  isHubAway = false;
  await eventually(async () => (await onMember('away')).data?.password === base64('one'), { timeoutMs: 30_000 });
}, 60_000);

test('DL-31, WK-4, WK-25 data in a manifest, and a reference in another kind, are refused by the agent too', async () => {
  const withData: Manifest = { ...referring('inline', 'db'), data: { password: base64('x') } };
  const other = { ...referring('other', 'db'), kind: 'ConfigMap' };
  await engine.hub.create(Work, workOf('inline', withData, other));
  await eventually(async () => (await problemOf('inline', 1)) !== undefined);
  expect([await problemOf('inline'), await problemOf('inline', 1)]).toEqual([
    'InvalidManifest: data of a Secret stands in no Work: keep it in a Secret beside the Work on the hub, and name that with the annotation quarterdeck.dev/secret-data-from',
    'InvalidManifest: annotation quarterdeck.dev/secret-data-from belongs on manifests of Secrets',
  ]);
  await rewrite(engine, 'inline', referring('inline', 'db'));
  await isApplied('inline');
});
