import {
  AppliedWork,
  annotation,
  apiVersionOf,
  ConfigMap,
  Deployment,
  HealthRule,
  Job,
  type KubeObject,
  label,
  type Manifest,
  Namespace,
  type ResourceType,
  type Stored,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  hubNamespace,
  isThere,
  rewrite,
  settledWork,
  startWorkEngine,
  type WorkEngine,
  workOf,
} from './testing/work-engine.ts';

let engine: WorkEngine;
let confirmedAt: number | undefined;
let registeredAt: number | undefined;
beforeAll(async () => {
  engine = await startWorkEngine({
    evictionGraceMs: 700,
    history: () => ({
      epoch: undefined,
      restoredAt: undefined,
      confirmed: confirmedAt === undefined ? undefined : { at: confirmedAt, epoch: undefined },
    }),
    registeredAt: () => registeredAt,
  });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  expect(engine.logger.messages('error')).toEqual([]);
});

const policy = (policies: Record<string, string>) =>
  Object.fromEntries(Object.entries(policies).map(([name, value]) => [`quarterdeck.dev/${name}`, value]));
const configMap = (name: string, data: Record<string, string>, policies: Record<string, string> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', annotations: policy(policies) },
  data,
});
const deployment = (
  name: string,
  spec: Record<string, unknown> = {},
  policies: Record<string, string> = {},
): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default', annotations: policy(policies) },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'example.test/app:1' }] },
    },
    ...spec,
  },
});
const at = (name: string) => ({ namespace: 'default', name });
const read = (name: string) => engine.member.get(ConfigMap, at(name));
const send = (name: string, ...manifests: Manifest[]) => engine.hub.create(Work, workOf(name, ...manifests));
const edit = <T extends KubeObject>(
  type: ResourceType<T>,
  name: string,
  body: unknown,
  fieldManager = 'kubectl-edit',
) => engine.member.patch(type, at(name), { type: 'merge', body }, { fieldManager });
const withdraw = async (name: string) => {
  await engine.hub.delete(Work, { namespace: hubNamespace, name });
  await eventually(async () => (await isThere(engine.hub, Work, name, hubNamespace)) === undefined);
  await eventually(async () =>
    (await engine.hub.list(Work, { namespace: hubNamespace })).items.every(({ metadata }) => metadata.name !== name),
  );
};
const reasons = async (name: string) => {
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name });
  return status?.manifestConditions?.map(({ conditions }) => conditions.find(({ type }) => type === 'Applied')?.reason);
};
const reportOf = async (name: string) =>
  (await engine.hub.get(WorkReport, { namespace: hubNamespace, name })).status?.manifests ?? [];
const driftOf = async (name: string) => (await reportOf(name))[0]?.drift;
const complete = 'AppliedManifestComplete';
const isApplied = (name: string) =>
  eventually(async () => (await settledWork(engine, name)).Applied === 'True AppliedWorkComplete');

test('DL-20, DL-21, WK-23 a field of ours that somebody changed is taken back, and the report says which, from what, by whom', async () => {
  await send('drift', deployment('drift'));
  await isApplied('drift');
  const before = await engine.hub.get(Work, { namespace: hubNamespace, name: 'drift' });
  await engine.member.patch(
    Deployment,
    at('drift'),
    { type: 'merge', body: { spec: { replicas: 5 } } },
    { subresource: 'scale', fieldManager: 'kubectl' },
  );
  await eventually(async () => (await engine.member.get(Deployment, at('drift'))).spec.replicas === 1);
  const drift = await eventually(() => driftOf('drift'));
  expect(drift).toEqual({
    state: 'Repaired',
    firstSeenTime: expect.any(String),
    lastSeenTime: expect.any(String),
    repairs: 1,
    fields: [{ path: '.spec.replicas', wanted: '1', seen: '5', manager: 'kubectl (scale)' }],
  });
  const after = await engine.hub.get(Work, { namespace: hubNamespace, name: 'drift' });
  const appliedOf = (work: Stored<Work>) => work.status?.conditions.find(({ type }) => type === 'Applied');
  expect(appliedOf(after)).toEqual(appliedOf(before));
  await engine.member.delete(Deployment, at('drift'));
  await eventually(async () => (await driftOf('drift'))?.isMissing === true);
  await isThere(engine.member, Deployment, 'drift', 'default');
  await withdraw('drift');
});

test('F-25, WK-23 what another manager applied by force is a conflict by name; so is a field that is new to us', async () => {
  await send('conflict', configMap('conflict', { a: '1' }));
  await isApplied('conflict');
  const other = (data: Record<string, string>) =>
    engine.member.apply(
      ConfigMap,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: at('conflict'), data },
      { fieldManager: 'argocd', force: true },
    );
  await other({ a: '2' });
  await eventually(async () => (await reasons('conflict'))?.[0] === 'FieldConflict');
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'conflict' });
  expect(status?.manifestConditions?.[0]?.conditions[0]?.message).toBe(
    'other managers own fields of the manifest: .data.a: conflict with "argocd"',
  );
  expect((await read('conflict')).data).toEqual({ a: '2' });
  await other({ b: '9' });
  await isApplied('conflict');
  await edit(ConfigMap, 'conflict', { data: { c: 'theirs' } });
  await rewrite(engine, 'conflict', configMap('conflict', { a: '1', c: 'ours' }));
  await eventually(async () => (await reasons('conflict'))?.[0] === 'FieldConflict');
  expect((await read('conflict')).data?.c).toBe('theirs');
  await rewrite(engine, 'conflict', configMap('conflict', { a: '1', c: 'ours' }, { 'field-conflicts': 'Force' }));
  await isApplied('conflict');
  expect((await read('conflict')).data?.c).toBe('ours');
  await withdraw('conflict');
});

test('DL-21, DL-11 drift that is only reported stands until the manifest is new; a pause on the object does the same', async () => {
  await send('report', configMap('report', { a: '1' }, { 'drift-policy': 'Report' }));
  await isApplied('report');
  await edit(ConfigMap, 'report', { data: { a: '2' } });
  expect(await eventually(() => driftOf('report'))).toMatchObject({
    state: 'Reported',
    fields: [{ path: '.data.a', wanted: '"1"', seen: '"2"', manager: 'kubectl-edit' }],
  });
  expect((await read('report')).data).toEqual({ a: '2' });
  await rewrite(engine, 'report', configMap('report', { a: '3' }));
  await eventually(async () => (await read('report')).data?.a === '3');
  await edit(ConfigMap, 'report', {
    metadata: { annotations: { [annotation.pauseRepair]: 'true' } },
    data: { a: '4' },
  });
  await eventually(async () => (await driftOf('report'))?.state === 'Paused');
  await edit(ConfigMap, 'report', { metadata: { annotations: { [annotation.pauseRepair]: null } } });
  await eventually(async () => (await read('report')).data?.a === '3');
  await withdraw('report');
});

test('DL-11, DL-21 repairs of a whole Work pause while it says so: what was changed stands, what is new is applied', async () => {
  await send('paused', configMap('paused', { a: '1' }), configMap('paused2', { a: '1' }));
  await isApplied('paused');
  const pause = (value: string | null) =>
    engine.hub.patch(
      Work,
      { namespace: hubNamespace, name: 'paused' },
      { type: 'merge', body: { metadata: { annotations: { [annotation.pauseRepair]: value } } } },
    );
  await pause('true');
  await edit(ConfigMap, 'paused', { data: { a: '2' } });
  await engine.member.delete(ConfigMap, at('paused2'));
  await eventually(async () => {
    const states = (await reportOf('paused')).map(({ drift }) => `${drift?.state} ${drift?.isMissing ?? false}`);
    return states.join() === 'Paused false,Paused true';
  });
  expect((await read('paused')).data).toEqual({ a: '2' });
  await rewrite(engine, 'paused', configMap('paused', { a: '3' }), configMap('paused2', { a: '1' }));
  await eventually(async () => (await read('paused')).data?.a === '3');
  expect(await isThere(engine.member, ConfigMap, 'paused2', 'default')).toBeUndefined();
  await pause(null);
  await eventually(() => isThere(engine.member, ConfigMap, 'paused2', 'default'));
  await withdraw('paused');
});

test('DL-2 CreateOnly makes, and makes again, and never updates; ReadOnly and ReportOnly write nothing', async () => {
  await engine.member.create(ConfigMap, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: at('theirs'),
    data: { x: '1' },
  });
  const theirs = await read('theirs');
  await send(
    'strategies',
    configMap('once', { a: '1' }, { 'apply-strategy': 'CreateOnly' }),
    configMap('theirs', { x: 'other' }, { 'apply-strategy': 'ReadOnly' }),
    configMap('nobodys', {}, { 'apply-strategy': 'ReadOnly' }),
    {
      ...configMap('theirs', { x: '2' }, { 'apply-strategy': 'ReportOnly' }),
      metadata: { ...configMap('theirs', {}, { 'apply-strategy': 'ReportOnly' }).metadata, name: 'theirs2' },
    },
  );
  await eventually(async () => (await reasons('strategies'))?.[3] === 'ReportOnly');
  expect(await reasons('strategies')).toEqual([complete, complete, complete, 'ReportOnly']);
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'strategies' });
  const available = status?.manifestConditions?.map(
    ({ conditions }) => conditions.find(({ type }) => type === 'Available')?.status,
  );
  expect(available).toEqual(['True', 'True', 'False', undefined]);
  expect(await read('theirs')).toEqual(theirs);
  expect(await isThere(engine.member, ConfigMap, 'theirs2', 'default')).toBeUndefined();
  await edit(ConfigMap, 'once', { data: { a: '2' } });
  const once = await read('once');
  await rewrite(engine, 'strategies', configMap('once', { a: '3' }, { 'apply-strategy': 'CreateOnly' }));
  await isApplied('strategies');
  expect((await read('once')).data).toEqual({ a: '2' });
  await engine.member.delete(ConfigMap, at('once'));
  await eventually(async () => (await read('once')).data?.a === '3');
  expect((await read('once')).metadata.uid).not.toBe(once.metadata.uid);
  await withdraw('strategies');
  expect(await isThere(engine.member, ConfigMap, 'once', 'default')).toBeUndefined();
  expect((await read('theirs')).data).toEqual({ x: '1' });
});

test('DL-2 a manifest that is only read from now on leaves its object, without our marks', async () => {
  await send('released', configMap('released', { a: '1' }));
  await isApplied('released');
  const { uid } = (await read('released')).metadata;
  await rewrite(engine, 'released', configMap('released', { a: '1' }, { 'apply-strategy': 'ReadOnly' }));
  await eventually(async () => (await read('released')).metadata.ownerReferences === undefined);
  await withdraw('released');
  expect((await read('released')).metadata).toMatchObject({ uid });
  expect((await read('released')).metadata.labels).toBeUndefined();
});

test('WK-26, DL-2 an immutable field is an error, and by choice the object is made anew', async () => {
  const with2 = (policies: Record<string, string> = {}) =>
    deployment(
      'fixed',
      {
        selector: { matchLabels: { app: 'two' } },
        template: {
          metadata: { labels: { app: 'two' } },
          spec: { containers: [{ name: 'app', image: 'example.test/app:1' }] },
        },
      },
      policies,
    );
  await send('fixed', deployment('fixed'));
  await isApplied('fixed');
  const { uid } = (await engine.member.get(Deployment, at('fixed'))).metadata;
  await rewrite(engine, 'fixed', with2());
  await eventually(async () => (await reasons('fixed'))?.[0] === 'AppliedManifestFailed');
  expect((await engine.member.get(Deployment, at('fixed'))).metadata.uid).toBe(uid);
  await rewrite(engine, 'fixed', with2({ 'apply-strategy': 'Recreate' }));
  await isApplied('fixed');
  const made = await engine.member.get(Deployment, at('fixed'));
  expect([made.metadata.uid === uid, made.spec.selector.matchLabels]).toEqual([false, { app: 'two' }]);
  await withdraw('fixed');
});

test('DL-2, DL-20 what somebody did that cannot be undone is no reason to make an object anew', async () => {
  const rule = { rule: 'self >= oldSelf', message: 'it only grows' };
  const size = { type: 'integer', 'x-kubernetes-validations': [rule] };
  const spec = { type: 'object', properties: { size } };
  const counter = (policies: Record<string, string> = {}): Manifest => ({
    apiVersion: 'anew.example.test/v1',
    kind: 'Counter',
    metadata: { ...at('counter'), annotations: policy(policies) },
    spec: { size: 1 },
  });
  const definition: Manifest = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'counters.anew.example.test' },
    spec: {
      group: 'anew.example.test',
      scope: 'Namespaced',
      names: { plural: 'counters', singular: 'counter', kind: 'Counter', listKind: 'CounterList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  };
  const type: ResourceType = {
    group: 'anew.example.test',
    version: 'v1',
    kind: 'Counter',
    plural: 'counters',
    scope: 'Namespaced',
  };
  await send('counter', definition, counter({ 'apply-strategy': 'Recreate' }));
  await eventually(async () => (await settledWork(engine, 'counter')).Applied === 'True AppliedWorkComplete', {
    timeoutMs: 20_000,
  });
  const { uid } = (await engine.member.get(type, at('counter'))).metadata;
  await edit(type, 'counter', { spec: { size: 5 } });
  await eventually(async () => (await reasons('counter'))?.[1] === 'AppliedManifestFailed');
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'counter' });
  expect(status?.manifestConditions?.[1]?.conditions[0]?.message).toContain('it only grows');
  expect((await engine.member.get(type, at('counter'))).metadata.uid).toBe(uid);
  await withdraw('counter');
});

test('DL-4, WK-31 taking over: never, if equal, always; kubectl no longer holds what we hold', async () => {
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: at('adopt'), data: { a: '1', extra: 'x' } };
  await engine.member.create(ConfigMap, theirs, { fieldManager: 'kubectl-client-side-apply' });
  const { uid } = (await read('adopt')).metadata;
  await send('adopt', configMap('adopt', { a: '2' }));
  await eventually(async () => (await reasons('adopt'))?.[0] === 'ResourceNotOwned');
  expect(await eventually(() => driftOf('adopt'))).toMatchObject({
    state: 'Reported',
    fields: [{ path: '.data.a', wanted: '"2"', seen: '"1"', manager: 'kubectl-client-side-apply' }],
  });
  await rewrite(engine, 'adopt', configMap('adopt', { a: '2' }, { 'take-over': 'IfEqual' }));
  await eventually(async () => {
    const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'adopt' });
    return status?.manifestConditions?.[0]?.conditions[0]?.message.includes('it differs from the manifest in') === true;
  });
  await rewrite(engine, 'adopt', configMap('adopt', { a: '1' }, { 'take-over': 'IfEqual' }));
  await isApplied('adopt');
  expect(await read('adopt')).toMatchObject({ metadata: { uid }, data: { a: '1', extra: 'x' } });
  await rewrite(engine, 'adopt', configMap('adopt', { b: '1' }));
  // What kubectl alone had set beyond the manifest stays; what the manifest dropped goes.
  await eventually(
    async () =>
      Object.keys((await read('adopt')).data ?? {})
        .sort()
        .join() === 'b,extra',
  );
  await withdraw('adopt');
});

test('DL-4, WK-31 what has the marks of a Work that is gone from the member is taken over by choice, with its fields', async () => {
  const mark = 'member-m1.shop.another-hub';
  const marked = { ...at('behind'), labels: { [label.appliedWork]: mark } };
  const before: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: marked, data: { a: '1', b: '1' } };
  await engine.member.apply(ConfigMap, before, { fieldManager: 'quarterdeck:another-hub' });
  const { uid } = (await read('behind')).metadata;
  await send('behind', configMap('behind', { a: '1', b: '1' }));
  await eventually(async () => (await reasons('behind'))?.[0] === 'ResourceNotOwned');
  expect((await read('behind')).metadata.labels).toEqual({ [label.appliedWork]: mark });
  await rewrite(engine, 'behind', configMap('behind', { a: '1', b: '1' }, { 'take-over': 'IfEqual' }));
  await isApplied('behind');
  await rewrite(engine, 'behind', configMap('behind', { a: '2' }));
  // The agent of the other hub does not hold the field that goes.
  await eventually(async () => Object.entries((await read('behind')).data ?? {}).join() === 'a,2');
  expect((await read('behind')).metadata).toMatchObject({
    uid,
    labels: { [label.appliedWork]: 'member-m1.behind.hub-uid-1' },
  });
  await withdraw('behind');
  expect(await isThere(engine.member, ConfigMap, 'behind', 'default')).toBeUndefined();
});

test('RG-11 what the Work of another hub has is taken over by no choice, though its AppliedWork was made a moment ago', async () => {
  const mark = 'member-x.shop.another-hub';
  await engine.member.create(AppliedWork, {
    apiVersion: apiVersionOf(AppliedWork),
    kind: AppliedWork.kind,
    metadata: { name: mark },
    spec: { workName: 'shop', workNamespace: 'member-x' },
  });
  const metadata = { ...at('foreign'), labels: { [label.appliedWork]: mark } };
  await engine.member.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } });
  await send('foreign', configMap('foreign', { a: '2' }, { 'take-over': 'Always' }));
  await eventually(async () => (await reasons('foreign'))?.[0] === 'ConflictingWork');
  expect((await read('foreign')).data).toEqual({ a: '1' });
  await engine.member.delete(AppliedWork, { name: mark });
  await isApplied('foreign');
  expect((await read('foreign')).data).toEqual({ a: '2' });
  await withdraw('foreign');
});

test('DL-3 fields that are ignored: never sent, sent once, sent when they change on the hub', async () => {
  const manifest = (data: Record<string, string>) =>
    configMap('ignore', data, { 'ignore-fields': 'data.never; data.once:AtCreation; data.change:OnChange' });
  await send('ignore', manifest({ never: '1', once: '1', change: '1', kept: '1' }));
  await isApplied('ignore');
  expect((await read('ignore')).data).toEqual({ once: '1', change: '1', kept: '1' });
  await edit(ConfigMap, 'ignore', { data: { never: 'm', once: 'm', change: 'm', kept: 'm' } });
  await eventually(async () => (await read('ignore')).data?.kept === '1');
  expect((await read('ignore')).data).toEqual({ never: 'm', once: 'm', change: 'm', kept: '1' });
  await rewrite(engine, 'ignore', manifest({ never: '2', once: '2', change: '1', kept: '2' }));
  await eventually(async () => (await read('ignore')).data?.kept === '2');
  expect((await read('ignore')).data).toEqual({ never: 'm', once: 'm', change: 'm', kept: '2' });
  await rewrite(engine, 'ignore', manifest({ change: '2', kept: '2' }));
  await eventually(async () => (await read('ignore')).data?.change === '2');
  expect((await read('ignore')).data).toEqual({ never: 'm', once: 'm', change: '2', kept: '2' });
  await edit(ConfigMap, 'ignore', { data: { change: 'again' } });
  // A field that is ignored from now on is handed over: leaving it out does not remove it.
  await rewrite(engine, 'ignore', configMap('ignore', { kept: '2' }, { 'ignore-fields': 'data.kept' }));
  await isApplied('ignore');
  await edit(ConfigMap, 'ignore', { data: { kept: 'free' } });
  expect((await read('ignore')).data).toMatchObject({ kept: 'free', change: 'again' });
  await withdraw('ignore');
});

test('DL-1 waves go one after the other, wait for health where asked, and are withdrawn in reverse', async () => {
  const gated = deployment('gate', { replicas: 1 }, { 'apply-wave': '-1', 'wave-gate': 'Healthy' });
  const nowhere = {
    template: {
      metadata: { labels: { app: 'gate' } },
      spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'app', image: 'example.test/app:1' }] },
    },
  };
  const stuck = deployment('gate', nowhere, { 'apply-wave': '-1', 'wave-gate': 'Healthy' });
  await send('waves', configMap('late', { a: '1' }, { 'apply-wave': '1' }), stuck, {
    apiVersion: 'v1',
    kind: 'Nothing',
    metadata: { name: 'x', namespace: 'default' },
  });
  await eventually(async () => (await reasons('waves'))?.[0] === 'WaitingForWave');
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'waves' });
  expect(status?.manifestConditions?.[0]?.conditions[0]?.message).toMatch(
    /^waits for an earlier wave: Deployment default\/gate is not healthy: /,
  );
  expect(await isThere(engine.member, ConfigMap, 'late', 'default')).toBeUndefined();
  await rewrite(engine, 'waves', configMap('late', { a: '1' }, { 'apply-wave': '1' }), gated);
  await eventually(() => isThere(engine.member, ConfigMap, 'late', 'default'));
  // The later wave is held: the earlier one stays until it is gone.
  await edit(ConfigMap, 'late', { metadata: { finalizers: ['example.test/hold'] } });
  await engine.hub.delete(Work, { namespace: hubNamespace, name: 'waves' });
  await eventually(async () => {
    const work = await engine.hub.get(Work, { namespace: hubNamespace, name: 'waves' });
    return work.status?.conditions.find(({ reason }) => reason === 'Withdrawing')?.message.includes('late') === true;
  });
  expect(await isThere(engine.member, Deployment, 'gate', 'default')).toBeDefined();
  await edit(ConfigMap, 'late', { metadata: { finalizers: null } });
  await eventually(async () => (await isThere(engine.member, Deployment, 'gate', 'default')) === undefined);
});

test('DL-1, DL-22 a wave waits for an object whose own health rule fails on it', async () => {
  await engine.hub.create(HealthRule, {
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name: 'phases' },
    spec: {
      target: { group: '', kind: 'ConfigMap' },
      states: [{ health: 'Healthy', when: 'object.data.phase == "Running"' }],
      otherwise: 'Progressing',
      awaitsObservedGeneration: 'WhenPresent',
    },
  });
  const gate = (data: Record<string, string>) => configMap('phase', data, { 'wave-gate': 'Healthy' });
  const late = configMap('after-phase', { phase: 'Running' }, { 'apply-wave': '1' });
  await send('phases', gate({ a: '1' }), late);
  await eventually(async () => (await reasons('phases'))?.[1] === 'WaitingForWave', { timeoutMs: 20_000 });
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'phases' });
  expect(status?.manifestConditions?.[1]?.conditions[0]?.message).toBe(
    'waits for an earlier wave: ConfigMap default/phase is not known to be healthy: the health rule phases failed: no such key: phase',
  );
  await rewrite(engine, 'phases', gate({ phase: 'Running' }), late);
  await isApplied('phases');
  await engine.hub.delete(HealthRule, { name: 'phases' });
  await withdraw('phases');
});

test('DL-1, DL-2 what is tried first is tried by the rules it is applied by', async () => {
  const first = { [annotation.dryRun]: 'First' };
  const labels = { matchLabels: { app: 'anew' } };
  const template = {
    metadata: { labels: { app: 'anew' } },
    spec: { containers: [{ name: 'app', image: 'example.test/app:1' }] },
  };
  const anew = (spec: Record<string, unknown>) => deployment('tried-anew', spec, { 'apply-strategy': 'Recreate' });
  const once = (image: string) =>
    deployment('tried-once', {
      selector: labels,
      template: { ...template, spec: { containers: [{ name: 'app', image }] } },
    });
  const onlyOnce = deployment('tried-once', {}, { 'apply-strategy': 'CreateOnly' });
  const told = (a: string) => configMap('tried-told', { a }, { 'drift-policy': 'Report' });
  const work = workOf('tried', anew({}), once('example.test/app:1'), told('1'));
  await engine.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: first } });
  await isApplied('tried');
  await edit(ConfigMap, 'tried-told', { data: { a: 'theirs' } });
  await rewrite(engine, 'tried', anew({ selector: labels, template }), onlyOnce, told('2'));
  await isApplied('tried');
  expect((await engine.member.get(Deployment, at('tried-anew'))).spec.selector).toEqual(labels);
  expect((await engine.member.get(Deployment, at('tried-once'))).spec.selector).toEqual(labels);
  expect((await read('tried-told')).data).toEqual({ a: '2' });
  await withdraw('tried');
});

test('DL-1 a Work that is tried first, and would fail, withdraws nothing either, nor takes part of what exists', async () => {
  await engine.member.create(ConfigMap, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: at('tried-theirs'),
    data: { a: '1' },
  });
  const work = workOf('whole', configMap('tried-old', { a: '1' }));
  const first = { [annotation.dryRun]: 'First' };
  await engine.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: first } });
  await isApplied('whole');
  const theirs = configMap('tried-theirs', { a: '2' }, { 'take-over': 'IfEqual' });
  await rewrite(engine, 'whole', configMap('tried-new', { a: '1' }), theirs);
  await eventually(async () => (await reasons('whole'))?.join() === 'DryRunFailed,ResourceNotOwned');
  expect(await isThere(engine.member, ConfigMap, 'tried-new', 'default')).toBeUndefined();
  expect((await read('tried-old')).data).toEqual({ a: '1' });
  await rewrite(engine, 'whole', configMap('tried-new', { a: '1' }));
  await isApplied('whole');
  await eventually(async () => (await isThere(engine.member, ConfigMap, 'tried-old', 'default')) === undefined);
  await engine.member.delete(ConfigMap, at('tried-theirs'));
  await withdraw('whole');
});

test('DL-1 a Work that is tried first writes nothing when a manifest of it would fail', async () => {
  const bad = { ...configMap('bad', {}), data: { a: 1 } } as unknown as Manifest;
  const work = workOf('trial', configMap('fine', { a: '1' }), bad);
  const first = { [annotation.dryRun]: 'First' };
  await engine.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: first } });
  await eventually(async () => (await reasons('trial'))?.join() === 'DryRunFailed,AppliedManifestFailed');
  expect(await isThere(engine.member, ConfigMap, 'fine', 'default')).toBeUndefined();
  const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'trial' } };
  const inside = { ...configMap('in', {}), metadata: { name: 'in', namespace: 'trial' } };
  await rewrite(engine, 'trial', configMap('fine', { a: '1' }), namespace, inside);
  await isApplied('trial');
  await withdraw('trial');
  await eventually(async () => (await isThere(engine.member, Namespace, 'trial')) === undefined);
});

test('DL-7 a Job that completed and was cleaned up is not run again; a changed one is', async () => {
  const job = (image: string): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job', namespace: 'default' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image }] } } },
  });
  await send('job', job('example.test/job:1'));
  await eventually(async () => (await settledWork(engine, 'job')).Available === 'True ResourcesAvailable', {
    timeoutMs: 20_000,
  });
  await engine.member.delete(Job, at('job'), { propagationPolicy: 'Background' });
  await eventually(async () => (await reportOf('job'))[0]?.message === 'the job completed and was cleaned up');
  expect(await isThere(engine.member, Job, 'job', 'default')).toBeUndefined();
  expect((await settledWork(engine, 'job')).Available).toBe('True ResourcesAvailable');
  await engine.restart();
  await rewrite(engine, 'job', job('example.test/job:2'));
  await eventually(() => isThere(engine.member, Job, 'job', 'default'));
  await withdraw('job');
}, 60_000);

test('DL-8 a Work that vanished from the hub leaves its objects for a grace; back within it, nothing is touched', async () => {
  const takeAway = async (name: string) => {
    await engine.stopAgent();
    await engine.hub.patch(
      Work,
      { namespace: hubNamespace, name },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    );
    await engine.hub.delete(Work, { namespace: hubNamespace, name });
    await engine.restart();
  };
  const isMissed = async (name: string) =>
    (await engine.member.list(AppliedWork)).items.some(
      ({ spec, metadata }) =>
        spec.workName === name && metadata.annotations?.[annotation.workMissingSince] !== undefined,
    );
  await send('lost', configMap('lost', { a: '1' }));
  await isApplied('lost');
  const { uid, resourceVersion } = (await read('lost')).metadata;
  const { evictionGraceMs: short } = engine;
  engine.evictionGraceMs = 3_600_000;
  await takeAway('lost');
  await eventually(() => isMissed('lost'));
  await send('lost', configMap('lost', { a: '1' }));
  await isApplied('lost');
  expect((await read('lost')).metadata).toMatchObject({ uid, resourceVersion });
  engine.evictionGraceMs = short;
  await takeAway('lost');
  await eventually(async () => (await isThere(engine.member, ConfigMap, 'lost', 'default')) === undefined);
});

test('RG-41 what an earlier registration brought, which ended by force, stays when its Works do not come back', async () => {
  await send('left', configMap('left', { a: '1' }));
  await isApplied('left');
  const { uid } = (await read('left')).metadata;
  await engine.stopAgent();
  const ref = { namespace: hubNamespace, name: 'left' };
  await engine.hub.patch(Work, ref, { type: 'merge', body: { metadata: { finalizers: null } } });
  await engine.hub.delete(Work, ref);
  registeredAt = Date.now() + 60_000;
  await engine.restart();
  const journals = async () =>
    (await engine.member.list(AppliedWork)).items.filter(({ spec }) => spec.workName === 'left');
  await eventually(async () => (await journals()).length === 0);
  expect((await read('left')).metadata).toMatchObject({ uid });
  registeredAt = undefined;
});

test('DL-23 fields that were asked for are in the report', async () => {
  await send(
    'feedback',
    configMap(
      'feedback',
      { a: 'x' },
      {
        'feedback-fields': 'a=.data.a; none=.data.none; name=.metadata.name; size=cel: size(object.data.a) + 1',
      },
    ),
  );
  await isApplied('feedback');
  expect(
    (await eventually(async () => (await reportOf('feedback')).length === 1 && reportOf('feedback')))[0]?.fields,
  ).toEqual([
    { name: 'a', value: '"x"' },
    { name: 'none', error: 'the path finds nothing' },
    { name: 'name', value: '"feedback"' },
    { name: 'size', value: '2' },
  ]);
  await withdraw('feedback');
});

test('RG-10, F-27 a hub restored from a backup is not followed, nor anything pruned, before that is confirmed', async () => {
  await send(
    'backup',
    configMap('backup', { a: 'new' }),
    configMap('after', { a: '1' }),
    configMap('same', { a: '1' }),
  );
  await isApplied('backup');
  const [journal] = (await engine.member.list(AppliedWork)).items.filter(({ spec }) => spec.workName === 'backup');
  if (journal === undefined) throw new Error('no journal');
  const { uid } = (await engine.hub.get(Work, { namespace: hubNamespace, name: 'backup' })).metadata;
  // As if generation 9 had been delivered before the hub went back to what it has now.
  const recorded = { [annotation.deliveredGeneration]: `${uid} 9 2026-01-01T00:00:00Z` };
  await engine.stopAgent();
  await engine.member.patch(
    AppliedWork,
    { name: journal.metadata.name },
    { type: 'merge', body: { metadata: { annotations: recorded } } },
  );
  await rewrite(engine, 'backup', configMap('backup', { a: 'old' }), configMap('same', { a: '1' }));
  await engine.restart();
  await eventually(async () => (await reasons('backup'))?.join() === `HubRestored,${complete}`);
  await edit(ConfigMap, 'same', { data: { a: '2' } });
  await eventually(async () => (await read('same')).data?.a === '1');
  expect([(await read('backup')).data, (await read('after')).data]).toEqual([{ a: 'new' }, { a: '1' }]);
  confirmedAt = Date.now();
  await edit(ConfigMap, 'same', { data: { a: '3' } });
  await isApplied('backup');
  expect((await read('backup')).data).toEqual({ a: 'old' });
  await eventually(async () => (await isThere(engine.member, ConfigMap, 'after', 'default')) === undefined);
  await withdraw('backup');
});

test('DL-22 a HealthRule of the hub says when a kind is healthy', async () => {
  await send('ruled', configMap('ruled', { ready: 'no' }));
  await isApplied('ruled');
  await engine.hub.create(HealthRule, {
    apiVersion: apiVersionOf(HealthRule),
    kind: HealthRule.kind,
    metadata: { name: 'configmaps' },
    spec: {
      target: { group: '', kind: 'ConfigMap' },
      states: [{ health: 'Healthy', when: 'object.data.ready == "yes"' }],
      otherwise: 'Degraded',
      awaitsObservedGeneration: 'WhenPresent',
    },
  });
  await eventually(async () => (await settledWork(engine, 'ruled')).Degraded === 'True ResourcesDegraded');
  await rewrite(engine, 'ruled', configMap('ruled', { ready: 'yes' }));
  await eventually(async () => (await reportOf('ruled'))[0]?.health === 'Healthy');
  await engine.hub.delete(HealthRule, { name: 'configmaps' });
  await eventually(async () => (await reportOf('ruled'))[0]?.health === 'Unknown', { timeoutMs: 20_000 });
  await withdraw('ruled');
});

test('DL-30, SEC-11 a Work is executed as whom it names, in reading, writing and deleting alike; an agent that cannot says so', async () => {
  const work = workOf('executed', configMap('executed', { a: '1' }));
  const as = { [annotation.executeAs]: 'shop/deployer' };
  await engine.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: as } });
  await eventually(async () => (await reasons('executed'))?.[0] === 'InvalidManifest');
  await withdraw('executed');
  const acted: string[] = [];
  await using other = await startWorkEngine({
    clientAs: (user) => {
      acted.push(user);
      return other.member;
    },
  });
  await other.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: as } });
  await eventually(async () => (await settledWork(other, 'executed')).Applied === 'True AppliedWorkComplete');
  expect(acted).toEqual(['system:serviceaccount:shop:deployer']);
  // The engine's own client has touched nothing but the journal, and asked what kinds there are.
  const own = () => other.counted.member.calls.filter((call) => /ConfigMap/.test(call));
  expect(own()).toEqual([]);
  await other.hub.delete(Work, { namespace: hubNamespace, name: 'executed' });
  await eventually(async () => (await isThere(other.member, ConfigMap, 'executed', 'default')) === undefined);
  expect(own()).toEqual([]);
});

test('DL-30 a Work that names nobody is executed as the default of its namespace; while that is not known nothing is', async () => {
  let known: { readonly serviceAccount: string | undefined } | undefined;
  const acted: string[] = [];
  await using other = await startWorkEngine({
    namespaceDefault: () => known,
    clientAs: (user) => {
      acted.push(user);
      return other.member;
    },
  });
  await other.hub.create(Work, workOf('default', configMap('default', { a: '1' })));
  await eventually(async () => {
    const work = await other.hub.get(Work, { namespace: hubNamespace, name: 'default' });
    return work.metadata.finalizers?.length === 1;
  });
  expect((await other.member.list(AppliedWork)).items).toEqual([]);
  known = { serviceAccount: 'tenant/least' };
  await eventually(async () => (await settledWork(other, 'default')).Applied === 'True AppliedWorkComplete');
  expect(acted).toEqual(['system:serviceaccount:tenant:least']);
  expect(other.counted.member.calls.filter((call) => /ConfigMap/.test(call))).toEqual([]);
  // A restart with the hub away goes by what was kept of it.
  await eventually(async () => (await other.cached())?.namespaceDefault?.serviceAccount === 'tenant/least');
});
