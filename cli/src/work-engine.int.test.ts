import {
  AppliedWork,
  ConfigMap,
  CustomResourceDefinition,
  Deployment,
  isNotFound,
  type Manifest,
  Namespace,
  type Stored,
  Work,
  WorkReport,
} from '@quarterdeck/apis';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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
beforeAll(async () => {
  engine = await startWorkEngine();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  expect(engine.logger.messages('error')).toEqual([]);
});
beforeEach(() => {
  engine.leaving = false;
});

const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const configMap = (
  at: string,
  data: Record<string, string> = { a: '1' },
  annotations?: Record<string, string>,
): Manifest => {
  const [space = '', name = ''] = at.split('/');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: space, ...(annotations === undefined ? {} : { annotations }) },
    data,
  };
};
const orphan = { 'quarterdeck.dev/deletion-policy': 'Orphan' };
const read = (at: string): Promise<Stored<ConfigMap>> => {
  const [space = '', name = ''] = at.split('/');
  return engine.member.get(ConfigMap, { namespace: space, name });
};
const deleteWork = (name: string) => engine.hub.delete(Work, { namespace: hubNamespace, name });
const isGone = (name: string) =>
  eventually(async () => {
    const { items } = await engine.hub.list(Work, { namespace: hubNamespace });
    return items.every(({ metadata }) => metadata.name !== name);
  });
const applied = {
  Applied: 'True AppliedWorkComplete',
  Available: 'True ResourcesAvailable',
  Progressing: 'False Settled',
  Degraded: 'False AsDesired',
};
const manifestReasons = async (name: string) => {
  const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name });
  return status?.manifestConditions?.map(({ conditions }) => conditions.find(({ type }) => type === 'Applied')?.reason);
};

test('WK-1, WK-34 a Work brings its objects, keeps a journal, and takes all of it away', async () => {
  await engine.hub.create(Work, workOf('whole', namespace('whole'), configMap('whole/a')));
  expect(await settledWork(engine, 'whole')).toEqual(applied);
  const [journal] = (await engine.member.list(AppliedWork)).items;
  const object = await read('whole/a');
  expect(journal?.spec).toEqual({ workName: 'whole', workNamespace: hubNamespace });
  expect(journal?.status?.appliedResources?.map(({ kind, uid }) => [kind, typeof uid])).toEqual([
    ['Namespace', 'string'],
    ['ConfigMap', 'string'],
  ]);
  expect(object.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'multicluster.x-k8s.io/v1alpha1',
      kind: 'AppliedWork',
      name: journal?.metadata.name,
      uid: journal?.metadata.uid,
      blockOwnerDeletion: false,
    },
  ]);
  await deleteWork('whole');
  await isGone('whole');
  expect(await isThere(engine.member, Namespace, 'whole')).toBeUndefined();
  expect((await engine.member.list(AppliedWork)).items).toEqual([]);
});

test('WK-27 a settled Work sends nothing more, whatever others add to its objects', async () => {
  const deployment: Manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'quiet' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'app', image: 'example.test/app:1', resources: { requests: { cpu: '1000m' } } }] },
      },
    },
  };
  await engine.hub.create(Work, workOf('quiet', namespace('quiet'), configMap('quiet/a'), deployment));
  await eventually(async () => (await settledWork(engine, 'quiet')).Available === applied.Available);
  // A sidecar, as an injector adds it, makes the list longer than the manifest's: one apply learns how it looks now.
  await engine.member.apply(
    Deployment,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', namespace: 'quiet' },
      spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'example.test/side:1' }] } } },
    },
    { fieldManager: 'injector' },
  );
  await eventually(async () => {
    const { status } = await engine.member.get(Deployment, { namespace: 'quiet', name: 'app' });
    return status?.updatedReplicas === 1 && status.availableReplicas === 1 && status.replicas === 1;
  });
  await eventually(async () => (await settledWork(engine, 'quiet')).Available === applied.Available);
  const touch = async (value: string) => {
    const body = { metadata: { annotations: { 'example.test/touched': value } } };
    await engine.member.patch(Deployment, { namespace: 'quiet', name: 'app' }, { type: 'merge', body });
    const body2 = { metadata: { annotations: { 'example.test/probe': value } } };
    await engine.hub.patch(Work, { namespace: hubNamespace, name: 'quiet' }, { type: 'merge', body: body2 });
  };
  await touch('first');
  // Each of these wakes the controller; the empty Work after them shows that it has seen them all.
  const callsOfOneRound = async (round: string) => {
    engine.counted.hub.forget();
    engine.counted.member.forget();
    await touch(round);
    await engine.hub.create(Work, workOf(`probe-${round}`));
    await settledWork(engine, `probe-${round}`);
    await eventually(() => isThere(engine.hub, WorkReport, `probe-${round}`, hubNamespace));
    return [...engine.counted.hub.calls, ...engine.counted.member.calls]
      .filter((call) => !call.startsWith('watch') && call !== 'create Event') // told when all is done
      .sort();
  };
  const ofProbe = ['apply WorkReport', 'create AppliedWork', 'update Work', 'update Work'];
  let round = 0;
  const isQuietRound = async () => expect(await callsOfOneRound(String(++round))).toEqual(ofProbe);
  // What the rollout came to is reported a moment after its end, once: that may fall into a round, but not into each third.
  await eventually(async () => {
    for (let inARow = 0; inARow < 3; inARow++) await isQuietRound();
    return true;
  });
  for (let each = 1; each <= round; each++) await deleteWork(`probe-${each}`);
  await deleteWork('quiet');
  await isGone('quiet');
});

test('DL-5, WK-36 Works that share a Namespace leave it and each other alone', async () => {
  await engine.hub.create(Work, workOf('one', namespace('shared'), configMap('shared/one')));
  expect(await settledWork(engine, 'one')).toEqual(applied);
  await engine.hub.create(Work, workOf('two', namespace('shared'), configMap('shared/two')));
  expect(await settledWork(engine, 'two')).toEqual(applied);
  const { uid, resourceVersion } = (await engine.member.get(Namespace, { name: 'shared' })).metadata;
  const object = await read('shared/two');
  await rewrite(engine, 'one', namespace('shared'), configMap('shared/one', { a: '2' }));
  await rewrite(engine, 'two', namespace('shared'), configMap('shared/two'), configMap('shared/more'));
  await eventually(async () => (await read('shared/one')).data?.a === '2' && (await read('shared/more')));
  // Nobody wrote the Namespace in turns.
  expect((await engine.member.get(Namespace, { name: 'shared' })).metadata.resourceVersion).toBe(resourceVersion);
  await deleteWork('one');
  await isGone('one');
  expect(await isThere(engine.member, ConfigMap, 'one', 'shared')).toBeUndefined();
  expect((await engine.member.get(Namespace, { name: 'shared' })).metadata.uid).toBe(uid);
  expect((await read('shared/two')).metadata.uid).toBe(object.metadata.uid);
  await deleteWork('two');
  await isGone('two');
  await eventually(async () => (await isThere(engine.member, Namespace, 'shared')) === undefined);
});

test('DL-5, WK-32 equal manifests share an object; once they differ, the first stands; then the second takes over', async () => {
  await engine.hub.create(Work, workOf('first', configMap('default/both')));
  expect(await settledWork(engine, 'first')).toEqual(applied);
  await engine.hub.create(Work, workOf('second', configMap('default/both')));
  expect(await settledWork(engine, 'second')).toEqual(applied);
  const before = await eventually(async () => {
    const found = await read('default/both');
    return found.metadata.ownerReferences?.length === 2 && found;
  });
  await rewrite(engine, 'first', configMap('default/both', { a: '2' }));
  await eventually(async () => (await settledWork(engine, 'second')).Applied === 'False AppliedWorkFailed');
  expect([await manifestReasons('first'), await manifestReasons('second')]).toEqual([
    ['AppliedManifestComplete'],
    ['ConflictingWork'],
  ]);
  const contested = await read('default/both');
  expect(contested.data).toEqual({ a: '2' });
  await deleteWork('first');
  await isGone('first');
  const after = await eventually(async () => {
    const found = await read('default/both');
    return found.data?.a === '1' && found;
  });
  expect(after.metadata.uid).toBe(before.metadata.uid);
  await eventually(async () => (await settledWork(engine, 'second')).Applied === applied.Applied);
  await deleteWork('second');
  await isGone('second');
  expect(await isThere(engine.member, ConfigMap, 'both', 'default')).toBeUndefined();
});

test('WK-32 who waits for its turn gets the very object, also an empty Namespace', async () => {
  await engine.hub.create(Work, workOf('holder', namespace('turn'), configMap('default/turn')));
  expect(await settledWork(engine, 'holder')).toEqual(applied);
  await engine.hub.create(Work, workOf('waiter', namespace('turn'), configMap('default/turn', { a: 'mine' })));
  await settledWork(engine, 'waiter');
  expect(await manifestReasons('waiter')).toEqual(['AppliedManifestComplete', 'ConflictingWork']);
  const uids = async () => [
    (await engine.member.get(Namespace, { name: 'turn' })).metadata.uid,
    (await read('default/turn')).metadata.uid,
  ];
  const before = await uids();
  // By a dropped manifest as well as by a deleted Work.
  await rewrite(engine, 'holder', namespace('turn'));
  await eventually(async () => (await read('default/turn')).data?.a === 'mine');
  await deleteWork('holder');
  await isGone('holder');
  await eventually(async () => (await settledWork(engine, 'waiter')).Applied === applied.Applied);
  expect(await uids()).toEqual(before);
  // Both give it up at once: nobody hands it to the other for ever.
  await engine.hub.create(Work, workOf('second', namespace('turn')));
  expect(await settledWork(engine, 'second')).toEqual(applied);
  await Promise.all([deleteWork('waiter'), deleteWork('second')]);
  await isGone('waiter');
  await isGone('second');
  await eventually(async () => (await isThere(engine.member, Namespace, 'turn')) === undefined);
});

test('WK-31 an object that was there before is left untouched', async () => {
  await engine.member.create(ConfigMap, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'theirs', namespace: 'default' },
    data: { x: '1' },
  });
  await engine.hub.create(Work, workOf('taker', configMap('default/theirs'), configMap('default/mine')));
  expect((await settledWork(engine, 'taker')).Applied).toBe('False AppliedWorkFailed');
  expect(await manifestReasons('taker')).toEqual(['ResourceNotOwned', 'AppliedManifestComplete']);
  await deleteWork('taker');
  await isGone('taker');
  const left = await read('default/theirs');
  expect([left.data, left.metadata.labels]).toEqual([{ x: '1' }, undefined]);
});

test('WK-31 many new objects are made without asking for each, and a foreign one among them is left untouched', async () => {
  const many = Array.from({ length: 40 }, (_, index) => configMap(`default/many-${index}`, { a: '1' }));
  const foreign = { ...configMap('default/many-7', { a: 'theirs' }), apiVersion: 'v1', kind: 'ConfigMap' };
  await engine.member.create(ConfigMap, foreign as ConfigMap);
  engine.counted.member.forget();
  await engine.hub.create(Work, workOf('many', ...many));
  await eventually(async () => {
    const work = await engine.hub.get(Work, { namespace: hubNamespace, name: 'many' });
    const reasons = work.status?.manifestConditions?.map(({ conditions }) => conditions[0]?.reason) ?? [];
    expect(
      reasons.map((reason, index) => (reason === 'AppliedManifestComplete' ? 'ok' : `${index} ${reason}`)),
    ).toEqual(many.map((_, index) => (index === 7 ? '7 ResourceNotOwned' : 'ok')));
    return true;
  });
  const gets = engine.counted.member.calls.filter((call) => call === 'get ConfigMap');
  expect(gets.length).toBeLessThan(10);
  expect((await engine.member.get(ConfigMap, { namespace: 'default', name: 'many-7' })).data).toEqual({ a: 'theirs' });
  await deleteWork('many');
  await isGone('many');
});

test('WK-36 a Namespace with foreign content is reported and stays; only our marks go', async () => {
  await engine.hub.create(Work, workOf('guest', namespace('guest'), configMap('guest/a')));
  expect(await settledWork(engine, 'guest')).toEqual(applied);
  await engine.member.create(ConfigMap, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'foreign', namespace: 'guest' },
  });
  await deleteWork('guest');
  await isGone('guest');
  const left = await engine.member.get(Namespace, { name: 'guest' });
  expect(left.metadata.deletionTimestamp).toBeUndefined();
  expect(left.metadata.labels?.['quarterdeck.dev/applied-work']).toBeUndefined();
  expect(await isThere(engine.member, ConfigMap, 'a', 'guest')).toBeUndefined();
});

test('WK-36 a CRD with an instance of somebody else stays', async () => {
  const crd: Manifest = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.test' },
    spec: {
      group: 'example.test',
      scope: 'Cluster',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const thing = (name: string): Manifest => ({ apiVersion: 'example.test/v1', kind: 'Thing', metadata: { name } });
  // The instance comes first in the list: its kind is not served yet, and it is tried again.
  await engine.hub.create(Work, workOf('kinds', thing('ours'), crd));
  await eventually(async () => (await settledWork(engine, 'kinds')).Applied === applied.Applied, { timeoutMs: 20_000 });
  const type = { group: 'example.test', version: 'v1', kind: 'Thing', plural: 'things', scope: 'Cluster' as const };
  await engine.member.create(type, { apiVersion: 'example.test/v1', kind: 'Thing', metadata: { name: 'theirs' } });
  await deleteWork('kinds');
  await isGone('kinds');
  expect((await engine.member.list(type)).items.map(({ metadata }) => metadata.name)).toEqual(['theirs']);
  const kept = await engine.member.get(CustomResourceDefinition, { name: 'things.example.test' });
  expect(kept.metadata.deletionTimestamp).toBeUndefined();
}, 60_000);

test('WK-33, WK-5 a dropped manifest takes its object, an unreadable one does not', async () => {
  await engine.hub.create(Work, workOf('edit', configMap('default/kept'), configMap('default/dropped')));
  expect(await settledWork(engine, 'edit')).toEqual(applied);
  const { uid } = (await read('default/kept')).metadata;
  // A typo must not cost the object: the policy is refused, and so is the manifest without a name.
  const misspelt = configMap('default/kept', { a: '2' }, { 'quarterdeck.dev/deletion-policy': 'Orphann' });
  await rewrite(engine, 'edit', misspelt, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default' } });
  expect((await settledWork(engine, 'edit')).Applied).toBe('False AppliedWorkFailed');
  expect(await manifestReasons('edit')).toEqual(['InvalidManifest', 'InvalidManifest']);
  expect((await read('default/kept')).metadata.uid).toBe(uid);
  expect((await read('default/dropped')).data).toEqual({ a: '1' });
  await rewrite(engine, 'edit', configMap('default/kept', { a: '3' }));
  await settledWork(engine, 'edit');
  await eventually(async () => (await isThere(engine.member, ConfigMap, 'dropped', 'default')) === undefined);
  expect(await read('default/kept')).toMatchObject({ metadata: { uid }, data: { a: '3' } });
  await deleteWork('edit');
  await isGone('edit');
});

test('DL-6 Orphan, by the manifest or by default of the Work, drops the marks and leaves the object', async () => {
  const work = workOf('orphans', configMap('default/own', {}, orphan), configMap('default/default'));
  await engine.hub.create(Work, { ...work, metadata: { ...work.metadata, annotations: orphan } });
  expect(await settledWork(engine, 'orphans')).toEqual(applied);
  expect((await read('default/own')).metadata.ownerReferences).toBeUndefined();
  await deleteWork('orphans');
  await isGone('orphans');
  for (const name of ['own', 'default']) {
    const { labels, ownerReferences } = (await read(`default/${name}`)).metadata;
    expect([name, labels, ownerReferences]).toEqual([name, undefined, undefined]);
  }
});

test('RG-40, RG-41 a leaving member keeps everything, and a returning one knows it again', async () => {
  await engine.hub.create(Work, workOf('stay', namespace('stay'), configMap('stay/a')));
  expect(await settledWork(engine, 'stay')).toEqual(applied);
  const { uid } = (await read('stay/a')).metadata;
  engine.leaving = 'Orphan';
  await deleteWork('stay');
  await isGone('stay');
  const journals = (await engine.member.list(AppliedWork)).items;
  expect(journals.filter(({ spec }) => spec.workName === 'stay')).toEqual([]);
  const left = await read('stay/a');
  expect([left.metadata.uid, left.metadata.ownerReferences]).toEqual([uid, undefined]);
  engine.leaving = false;
  await engine.hub.create(Work, workOf('stay', namespace('stay'), configMap('stay/a', { a: '2' })));
  expect(await settledWork(engine, 'stay')).toEqual(applied);
  expect(await read('stay/a')).toMatchObject({ metadata: { uid }, data: { a: '2' } });
  await deleteWork('stay');
  await isGone('stay');
  await eventually(async () => (await isThere(engine.member, Namespace, 'stay')) === undefined);
});

test('RG-40 a leaving member that deletes takes everything of its Works, whatever their own policy is', async () => {
  await engine.hub.create(Work, workOf('goes', configMap('default/goes', { a: '1' }, orphan)));
  expect(await settledWork(engine, 'goes')).toEqual(applied);
  engine.leaving = 'Delete';
  await deleteWork('goes');
  await isGone('goes');
  engine.leaving = false;
  expect(await isThere(engine.member, ConfigMap, 'goes', 'default')).toBeUndefined();
});

test('WK-29, DL-9 a restarted agent resumes: nothing is made again, what changed meanwhile is done', async () => {
  await engine.hub.create(Work, workOf('resume', configMap('default/r1'), configMap('default/r2')));
  expect(await settledWork(engine, 'resume')).toEqual(applied);
  const { uid, resourceVersion } = (await read('default/r1')).metadata;
  await engine.stopAgent();
  await engine.member.delete(ConfigMap, { namespace: 'default', name: 'r2' });
  engine.counted.member.forget();
  await engine.restart();
  await eventually(() => isThere(engine.member, ConfigMap, 'r2', 'default'));
  expect((await read('default/r1')).metadata).toMatchObject({ uid, resourceVersion });
  await eventually(async () => (await settledWork(engine, 'resume')).Applied === applied.Applied);
  await deleteWork('resume');
  await isGone('resume');
});

test('WK-7, WK-30 when the agent is gone, whoever deletes the AppliedWork removes what was delivered', async () => {
  await engine.hub.create(Work, workOf('leftover', configMap('default/leftover')));
  expect(await settledWork(engine, 'leftover')).toEqual(applied);
  await engine.stopAgent();
  const { items } = await engine.member.list(AppliedWork);
  const name = items.find(({ spec }) => spec.workName === 'leftover')?.metadata.name ?? '';
  await engine.member.delete(AppliedWork, { name });
  await eventually(async () => (await isThere(engine.member, ConfigMap, 'leftover', 'default')) === undefined, {
    timeoutMs: 20_000,
  });
  await engine.restart();
  await deleteWork('leftover');
  await isGone('leftover');
});

test('WK-28, BI-23 a Work of the largest size goes through whole: its objects, its status and its report', async () => {
  const count = 1_000;
  const many = Array.from({ length: count }, (_, index) =>
    configMap(`default/large-${index}`, { text: 'x'.repeat(400) }),
  );
  await engine.hub.create(Work, workOf('large', ...many));
  const work = await eventually(
    async () => {
      const found = await engine.hub.get(Work, { namespace: hubNamespace, name: 'large' });
      const told = found.status?.conditions.find(({ type }) => type === 'Applied');
      return told?.status === 'True' && found;
    },
    { timeoutMs: 90_000 },
  );
  expect(work.status?.manifestConditions).toHaveLength(count);
  const report = await eventually(() => isThere(engine.hub, WorkReport, 'large', hubNamespace));
  expect(report.status?.manifests).toHaveLength(count);
  await deleteWork('large');
  await eventually(
    async () => {
      const { items } = await engine.hub.list(Work, { namespace: hubNamespace });
      return items.every(({ metadata }) => metadata.name !== 'large');
    },
    { timeoutMs: 90_000 },
  );
}, 240_000);

test('WK-35 an AppliedWork that an admin deleted comes back, and its objects with it', async () => {
  await engine.hub.create(Work, workOf('again', configMap('default/again')));
  expect(await settledWork(engine, 'again')).toEqual(applied);
  const [journal] = (await engine.member.list(AppliedWork)).items;
  if (journal === undefined) throw new Error('no journal');
  await engine.member.delete(AppliedWork, { name: journal.metadata.name });
  const owner = await eventually(async () => {
    const [next] = (await engine.member.list(AppliedWork)).items;
    const { metadata } = await read('default/again');
    return (
      next !== undefined &&
      next.metadata.uid !== journal.metadata.uid &&
      metadata.ownerReferences?.[0]?.uid === next.metadata.uid
    );
  });
  expect(owner).toBe(true);
  await deleteWork('again');
  await isGone('again');
});

test('F-26, WK-34 an object stuck in its deletion is named, and the Work waits for it', async () => {
  await engine.hub.create(Work, workOf('stuck', configMap('default/stuck')));
  expect(await settledWork(engine, 'stuck')).toEqual(applied);
  const hold = (finalizers: string[]) =>
    engine.member.patch(
      ConfigMap,
      { namespace: 'default', name: 'stuck' },
      { type: 'merge', body: { metadata: { finalizers } } },
    );
  await hold(['example.test/hold']);
  await deleteWork('stuck');
  const message = await eventually(async () => {
    const { status } = await engine.hub.get(Work, { namespace: hubNamespace, name: 'stuck' });
    const found = status?.conditions.find(({ reason }) => reason === 'Withdrawing')?.message;
    return found?.includes('finalizers') === true && found;
  });
  expect(message).toContain('ConfigMap default/stuck waits for its finalizers');
  expect(message).toContain('example.test/hold');
  await hold([]);
  await isGone('stuck');
});

test('BI-23, WK-25 odd manifests are refused one by one, and an empty list is applied', async () => {
  await engine.hub.create(Work, workOf('empty'));
  expect(await settledWork(engine, 'empty')).toEqual(applied);
  await engine.hub.create(
    Work,
    workOf(
      'odd',
      configMap('default/good'),
      configMap('default/good', { a: 'twice' }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'g-', namespace: 'default' } } as Manifest,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nowhere' } },
      { apiVersion: 'example.test/v9', kind: 'Nothing', metadata: { name: 'x' } },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'bad', namespace: 'default' },
        data: { a: 1 },
      } as unknown as Manifest,
    ),
  );
  expect((await settledWork(engine, 'odd')).Applied).toBe('False AppliedWorkFailed');
  expect(await manifestReasons('odd')).toEqual([
    'AppliedManifestComplete',
    'InvalidManifest',
    'InvalidManifest',
    'InvalidManifest',
    'UnknownKind',
    'AppliedManifestFailed',
  ]);
  expect((await read('default/good')).data).toEqual({ a: '1' });
  for (const name of ['empty', 'odd']) {
    await deleteWork(name);
    await isGone(name);
  }
});

test('DL-23 a WorkReport stands beside the Work and goes with it', async () => {
  await engine.hub.create(Work, workOf('told', configMap('default/told')));
  await settledWork(engine, 'told');
  const report = await eventually(() => isThere(engine.hub, WorkReport, 'told', hubNamespace));
  expect(report.status).toEqual({
    observedWorkGeneration: 1,
    lastReportTime: expect.any(String),
    conditions: [
      { type: 'Complete', status: 'True', reason: 'Complete', message: '', lastTransitionTime: expect.any(String) },
    ],
    manifests: [
      {
        identifier: {
          ordinal: 0,
          group: '',
          version: 'v1',
          kind: 'ConfigMap',
          resource: 'configmaps',
          namespace: 'default',
          name: 'told',
        },
        health: 'Unknown',
        appliedHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ],
  });
  await deleteWork('told');
  await isGone('told');
  await eventually(async () =>
    engine.hub.get(WorkReport, { namespace: hubNamespace, name: 'told' }).then(
      () => false,
      (error: unknown) => isNotFound(error),
    ),
  );
});
