import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HubProcess, startHubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { configMap, documents } from './harness/objects.ts';
import { tempDir } from './harness/temp-dir.ts';
import { widget, widgets } from './harness/widgets.ts';
import type { KubectlVersion } from './kube/tools.ts';

/** Unmodified kubectl, oldest and newest supported, against the hub: what people type, and what they then see. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;

beforeAll(async () => {
  dir = cleanup.use(await tempDir()).path;
  hub = cleanup.use(await startHubProcess({ dataDir: join(dir, 'hub') }));
  const admin = await kubectl({ kubeconfig: hub.kubeconfig, home: dir });
  await admin.ok('create -f -', { input: documents(widgets) });
  await admin.ok('wait --for=condition=Established crd/widgets.example.com --timeout=10s');
});
afterAll(() => cleanup.disposeAsync());

/** The newest on either side of a change in what kubectl sends; the table is typed with all. */
const versions: readonly KubectlVersion[] = ['v32', 'v35'];

describe.each(versions)('kubectl %s', (version) => {
  /** Namespace of this version's objects. */
  const ns = `t-${version}`;
  const inNs = (args: string) => `${args} -n ${ns}`;
  let k: Kubectl;

  beforeAll(async () => {
    k = await kubectl({ version, kubeconfig: hub.kubeconfig, home: join(dir, version) });
    await k.ok(`create ns ${ns}`);
  });

  /** A fresh ConfigMap `k=v`, made in protobuf. */
  const make = (name: string) => k.ok(inNs(`create configmap ${name} --from-literal=k=v`));
  const dataOf = (name: string) => k.ok(inNs(`get cm ${name} -o jsonpath={.data}`));
  const apply = (manifest: ReturnType<typeof configMap>, flags = '') =>
    k.ok(`apply ${flags} -f -`, { input: JSON.stringify(manifest) });

  test('KA-11, KA-16, KA-18 version, discovery and readiness', async () => {
    expect(await k.ok('version')).toMatch(/Server Version: v1\.35\./);
    expect((await k.ok('api-versions')).split('\n')).toEqual(expect.arrayContaining(['v1', 'example.com/v1']));
    const resources = await k.ok('api-resources');
    expect(resources).toMatch(/^configmaps +cm +v1 +true +ConfigMap$/m);
    expect(resources).toMatch(/^widgets +wd +example\.com\/v1 +true +Widget$/m);
    const names = await k.ok('api-resources --verbs=list --namespaced -o name');
    expect(names.split('\n')).toEqual(expect.arrayContaining(['secrets', 'placements.quarterdeck.dev']));
    expect(await k.ok(['get', '--raw', '/readyz?verbose'])).toContain('readyz check passed');
  });

  test('KA-36, KA-37 errors read as from Kubernetes, with exit code 1', async () => {
    const calls: [args: string, stderr: string][] = [
      ['get --raw /nope', 'Error from server (NotFound): the server could not find the requested resource\n'],
      [inNs('get cm zz'), 'Error from server (NotFound): configmaps "zz" not found\n'],
      [`create ns ${ns}`, `Error from server (AlreadyExists): namespaces "${ns}" already exists\n`],
      [
        'delete ns default',
        'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
      ],
    ];
    for (const [args, stderr] of calls) expect(await k(args)).toEqual({ code: 1, stdout: '', stderr });
    expect(await k(inNs('get cm zz --ignore-not-found'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('KA-28, KA-42, KA-72 create sends protobuf; the object comes back whole', async () => {
    await make('made');
    const made = await k.json<{ metadata: Record<string, unknown> }>(inNs('get cm made --show-managed-fields'));
    expect(made).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'made',
        namespace: ns,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        managedFields: [expect.objectContaining({ manager: 'kubectl-create', operation: 'Update' })],
      },
      data: { k: 'v' },
    });
    await k.ok(inNs('create secret generic s --from-literal=a=b'));
    expect(await k.ok(inNs('get secret s -o jsonpath={.data.a}'))).toBe('Yg==');
  });

  test('KA-32, KA-81, KA-82 get: tables, selectors, chunks', async () => {
    await k.ok('apply -f -', {
      input: documents(
        ...['a', 'b', 'c'].map((name) => {
          const object = configMap(`${ns}/list-${name}`, {});
          return { ...object, metadata: { ...object.metadata, labels: { x: name, suite: 'list' } } };
        }),
      ),
    });
    const names = async (flags: string) =>
      (await k.ok(inNs(`get cm -o name ${flags}`))).split('\n').map((name) => name.split('/')[1]);
    expect(await k.ok(inNs('get cm list-a'))).toMatch(/^NAME +DATA +AGE\nlist-a +0 +\d+s$/);
    expect(await k.ok(inNs('get cm -l suite=list -L x --no-headers'))).toMatch(
      /^list-a +0 +\d+s +a\nlist-b .* b\nlist-c .* c$/,
    );
    expect(await names('-l suite=list,x!=b --sort-by=.metadata.name')).toEqual(['list-a', 'list-c']);
    expect(
      await k.ok(['get', 'cm', '-A', '-l', 'x in (a,b),!q', '-o', 'custom-columns=:.metadata.name', '-n', ns]),
    ).toContain('list-a\nlist-b');
    expect(await names('--field-selector metadata.name=list-b')).toEqual(['list-b']);
    expect(await k(inNs('get cm --field-selector data.k=v'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(BadRequest)'),
    });
    expect(await names('-l suite=list --chunk-size=2')).toEqual(['list-a', 'list-b', 'list-c']);
  });

  test('KA-69, KA-78 apply, client side: created, unchanged, configured; a removed key goes', async () => {
    const applied = (data: Record<string, string>) => apply(configMap(`${ns}/client`, data));
    expect(await applied({ a: '1', b: '2' })).toBe('configmap/client created');
    expect(await applied({ a: '1', b: '2' })).toBe('configmap/client unchanged');
    expect(await applied({ a: '2' })).toBe('configmap/client configured');
    expect(await dataOf('client')).toBe('{"a":"2"}');
    expect(await k.ok(inNs('apply view-last-applied cm/client'))).toContain('a: "2"');
    expect(await apply(configMap(`${ns}/client`, { a: '3' }), '--server-side')).toBe(
      'configmap/client serverside-applied',
    );
  });

  test('KA-71, KA-76 apply, server side: a foreign field is a conflict, force takes it', async () => {
    await apply(configMap(`${ns}/server`, { a: '1', b: '2' }), '--server-side');
    const other = (flags = '') =>
      k(`apply --server-side --field-manager=x ${flags} -f -`, {
        input: JSON.stringify(configMap(`${ns}/server`, { a: '9' })),
      });
    expect(await other()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('conflict with "kubectl": .data.a'),
    });
    expect((await other('--force-conflicts')).code).toBe(0);
    expect(await dataOf('server')).toBe('{"a":"9","b":"2"}');
  });

  test('KA-60, KA-61 dry run stores nothing; unknown and duplicate fields are refused, warned of, or ignored', async () => {
    const dry = configMap(`${ns}/dry`, {});
    expect(await apply(dry, '--dry-run=server')).toBe('configmap/dry created (server dry run)');
    expect(await k.ok(inNs('get cm dry --ignore-not-found'))).toBe('');
    const input = JSON.stringify({ ...configMap(`${ns}/typo`, {}), date: {} });
    expect(await k('apply -f -', { input })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unknown field "date"'),
    });
    expect(await k('apply --validate=warn -f -', { input })).toMatchObject({
      code: 0,
      stderr: 'Warning: unknown field "date"\n',
    });
    expect(await k('apply --validate=ignore -f -', { input })).toMatchObject({ code: 0, stderr: '' });
  });

  test('KA-60, KA-66 diff, and replace with a stale version', async () => {
    await apply(configMap(`${ns}/diff`, { a: '1' }));
    const diff = (data: Record<string, string>) =>
      k('diff -f -', { input: JSON.stringify(configMap(`${ns}/diff`, data)) });
    expect(await diff({ a: '1' })).toMatchObject({ code: 0, stdout: '' });
    expect(await diff({ a: '2' })).toMatchObject({ code: 1, stdout: expect.stringContaining('+  a: "2"') });
    const stale = await k.ok(inNs('get cm diff -o json'));
    await k.ok('replace -f -', { input: JSON.stringify(configMap(`${ns}/diff`, { a: '3' })) });
    expect(await k('replace -f -', { input: stale })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(Conflict)'),
    });
    expect(await dataOf('diff')).toBe('{"a":"3"}');
  });

  test('KA-67, KA-68, KA-69 three kinds of patch; a bad path and strategic on a custom kind are refused', async () => {
    await make('patched');
    const patch = (type: string, body: string) => k(['patch', 'cm', 'patched', '-n', ns, `--type=${type}`, '-p', body]);
    expect((await patch('strategic', '{"data":{"a":"1"}}')).code).toBe(0);
    expect((await patch('merge', '{"data":{"b":"2","k":null}}')).code).toBe(0);
    expect((await patch('json', '[{"op":"add","path":"/data/c","value":"3"}]')).code).toBe(0);
    expect(await dataOf('patched')).toBe('{"a":"1","b":"2","c":"3"}');
    expect((await patch('json', '[{"op":"remove","path":"/data/nope"}]')).code).toBe(1);
    await apply(widget(`${ns}/patched`, { size: 'small' }));
    expect(await k(['patch', 'wd', 'patched', '-n', ns, '--type=strategic', '-p', '{}'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'application/strategic-merge-patch+json is not supported by example.com/v1, Kind=Widget',
      ),
    });
  });

  test('KA-55, KA-56 edit with an editor, label, annotate; what changes nothing leaves the version', async () => {
    await make('edited');
    const editor = join(dir, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/k: v/k: edited/" "$1"\n', { mode: 0o755 });
    expect(await k.ok(inNs('edit cm edited'), { env: { KUBE_EDITOR: editor } })).toBe('configmap/edited edited');
    expect(await dataOf('edited')).toBe('{"k":"edited"}');
    expect(await k.ok(inNs('label cm edited x=y'))).toBe('configmap/edited labeled');
    expect((await k(inNs('label cm edited x=z'))).code).toBe(1);
    expect(await k.ok(inNs('annotate cm edited n=1'))).toBe('configmap/edited annotated');
    const versionOf = () => k.ok(inNs('get cm edited -o jsonpath={.metadata.resourceVersion}'));
    const before = await versionOf();
    await k.ok(inNs('annotate cm edited n=1 --overwrite'));
    expect(await versionOf()).toBe(before);
    await k.ok(inNs('label cm edited x-'));
    expect(await k.ok(inNs('get cm edited -o jsonpath={.metadata.labels}'))).toBe('');
  });

  test('KA-64, KA-65, KA-107 status and scale of a custom kind', async () => {
    await apply(widget(`${ns}/sized`, { size: 'small', replicas: 1 }));
    expect(await k.ok(inNs('scale wd/sized --replicas=3'))).toBe('widget.example.com/sized scaled');
    expect((await k(inNs('scale wd/sized --current-replicas=9 --replicas=1'))).code).toBe(1);
    await k.ok([
      'patch',
      'wd',
      'sized',
      '-n',
      ns,
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":3},"spec":{"size":"large"}}',
    ]);
    const { spec, status } = await k.json<Record<string, unknown>>(inNs('get wd sized'));
    expect({ spec, status }).toEqual({ spec: { size: 'small', replicas: 3 }, status: { replicas: 3 } });
    expect(await k.ok(inNs('get wd sized'))).toMatch(/^NAME +SIZE\nsized +small$/);
    expect(await k('apply -f -', { input: JSON.stringify(widget(`${ns}/bad`, { size: 'huge' })) })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('spec.size: Unsupported value: "huge"'),
    });
  });

  test('KA-22, KA-24, KA-25 explain and describe', async () => {
    expect(await k.ok('explain wd.spec --recursive')).toMatch(/DESCRIPTION:\s+What is wanted\.[\s\S]*size\s+<string>/);
    expect(await k.ok('explain placement.spec.numberOfClusters')).toMatch(/KIND: +Placement/);
    expect((await k('explain wd.nope')).code).toBe(1);
    await make('described');
    expect(await k.ok(inNs('describe cm described'))).toMatch(/^Name: +described\nNamespace: +t-/);
    for (const what of [`ns ${ns}`, 'crd widgets.example.com', inNs('sa default')]) {
      expect(await k.ok(`describe ${what}`)).toContain('Name:');
    }
  });

  test('KA-86, KA-90 get -w and wait follow changes', async () => {
    await make('watched');
    const rows = k(inNs('get cm -w --field-selector metadata.name=watched --output-watch-events --no-headers'), {
      timeoutMs: 3_000,
    });
    const created = k.ok(inNs('wait --for=create cm/late --timeout=10s'));
    await make('late');
    await created;
    await k.ok(['wait', '--for=jsonpath={.data.k}=v', 'cm/late', '-n', ns, '--timeout=10s']);
    const gone = k.ok(inNs('wait --for=delete cm/late --timeout=10s'));
    expect(await k.ok(inNs('delete cm late'))).toContain('configmap "late" deleted');
    await gone;
    await k.ok(inNs('annotate cm watched n=1'));
    await k.ok(inNs('delete cm watched'));
    expect((await k(inNs('wait --for=condition=Never cm/kube-root-ca.crt --timeout=1s'))).code).toBe(1);
    expect((await rows).stdout.match(/^[A-Z]+(?= +watched )/gm)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  test('KA-49, KA-57, KA-58 delete waits for finalizers, by name, selector, or file', async () => {
    await make('held');
    const finalizers = (value: string) =>
      k.ok(['patch', 'cm', 'held', '-n', ns, '--type=merge', '-p', `{"metadata":{"finalizers":${value}}}`]);
    await finalizers('["example.com/hold"]');
    const deletion = k(inNs('delete cm held --timeout=20s'));
    await eventually(() => k.ok(inNs('get cm held -o jsonpath={.metadata.deletionTimestamp}')));
    await finalizers('null');
    expect((await deletion).code).toBe(0);
    const input = JSON.stringify(configMap(`${ns}/by-file`, {}));
    await k.ok('apply -f -', { input });
    expect(await k.ok('delete -f - --cascade=foreground', { input })).toContain('configmap "by-file" deleted');
    await k.ok(inNs('create configmap by-label'));
    await k.ok(inNs('label cm by-label gone=soon'));
    expect(await k.ok(inNs('delete cm -l gone=soon'))).toContain('configmap "by-label" deleted');
  });

  test('KA-110, KA-111 a namespace takes its content along, and nothing new comes in', async () => {
    await k.ok(`create ns ${ns}-gone`);
    await k.ok(`create configmap held -n ${ns}-gone`);
    const patch = (value: string) =>
      k.ok(['patch', 'cm', 'held', '-n', `${ns}-gone`, '--type=merge', '-p', `{"metadata":{"finalizers":${value}}}`]);
    await patch('["example.com/hold"]');
    await k.ok(`delete ns ${ns}-gone --wait=false`);
    expect(await k(`create configmap more -n ${ns}-gone`)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is forbidden: .* because it is being terminated/),
    });
    await patch('null');
    await k.ok(`wait --for=delete ns/${ns}-gone --timeout=20s`);
  });

  test('KA-121, KA-127, KA-130 service accounts, tokens, roles, can-i, whoami', async () => {
    await k.ok(inNs('create sa bot'));
    await k.ok(inNs('create role reader --verb=get --resource=configmaps'));
    await k.ok(inNs(`create rolebinding reader --role=reader --serviceaccount=${ns}:bot`));
    const bot = `system:serviceaccount:${ns}:bot`;
    expect(await k(inNs(`auth can-i get cm --as=${bot}`))).toMatchObject({ code: 0, stdout: 'yes\n' });
    expect(await k(inNs(`auth can-i delete cm --as=${bot}`))).toMatchObject({ code: 1, stdout: 'no\n' });
    expect(await k.ok(inNs(`auth can-i --list --as=${bot}`))).toMatch(/^configmaps +\[\] +\[\] +\[get\]$/m);
    const token = await k.ok(inNs('create token bot --duration=1h'));
    const asBot = ['--server', hub.url, '--insecure-skip-tls-verify', `--token=${token}`, '--kubeconfig=/dev/null'];
    expect(await k.ok([...asBot, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(bot);
    expect(await k([...asBot, 'get', 'secrets', '-n', ns])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `User "${bot}" cannot list resource "secrets" in API group "" in the namespace "${ns}"`,
      ),
    });
    expect((await k([...asBot.slice(0, 3), '--token=wrong', '--kubeconfig=/dev/null', 'get', 'cm'])).stderr).toContain(
      'must be logged in',
    );
    expect((await k(inNs('create token bot --duration=1s'))).stderr).toContain(
      'may not specify a duration less than 10 minutes',
    );
  });

  test('KA-45 generateName gives a name with five characters', async () => {
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'gen-', namespace: ns },
    });
    expect(await k.ok('create -f - -o name', { input })).toMatch(/^configmap\/gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});
