import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startHubProcess } from './harness/hub.ts';
import { sender } from './harness/send.ts';
import { tempDir } from './harness/temp-dir.ts';
import { widget, widgets } from './harness/widgets.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const collection = '/apis/example.com/v1/namespaces/default/widgets';
/** Everything that shows a kind: discovery of the group, its OpenAPI, the collection itself. */
const doors = ['/apis/example.com/v1', '/openapi/v3/apis/example.com/v1', collection];

test('KA-15, KA-146a a kind that is made, changed and deleted at one process of a hub is so at the other', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(await tempDir()).path;
  const common = { clock: systemClock, logger: silentLogger };
  const dataDir = join(dir, 'postgres');
  cleanup.defer(() => removeEmbeddedPostgres(dataDir, common));
  const database = cleanup.use(await startEmbeddedPostgres({ dataDir, ...common }));
  const one = cleanup.use(await startHubProcess({ dataDir: join(dir, 'one'), database: database.url }));
  const two = cleanup.use(await startHubProcess({ dataDir: join(dir, 'two'), database: database.url }));
  const atOne = await sender(one.kubeconfig);
  const atTwo = await sender(two.kubeconfig);
  const codes = (send: typeof atOne) =>
    Promise.all(doors.map(async (path) => (await send({ method: 'GET', path })).code));
  const both = (code: number) =>
    eventually(async () => {
      expect([await codes(atOne), await codes(atTwo)]).toEqual(Array(2).fill(doors.map(() => code)));
      return true;
    });
  expect([await codes(atOne), await codes(atTwo)]).toEqual(Array(2).fill([404, 404, 404]));

  expect((await atOne({ method: 'POST', path: crds, body: widgets })).code).toBe(201);
  await both(200);
  expect((await atTwo({ method: 'POST', path: collection, body: widget('default/w', { size: 'small' }) })).code).toBe(
    201,
  );
  expect(await atOne({ method: 'GET', path: `${collection}/w` })).toMatchObject({
    code: 200,
    body: { spec: { size: 'small' } },
  });

  // A schema that changed at one is what the other judges by.
  const crd = (await atTwo({ method: 'GET', path: `${crds}/widgets.example.com` })).body;
  const wider = JSON.parse(JSON.stringify(crd).replaceAll('"small"', '"small","medium"'));
  expect((await atTwo({ method: 'PUT', path: `${crds}/widgets.example.com`, body: wider })).code).toBe(200);
  const medium = widget('default/medium', { size: 'medium' });
  await eventually(async () => (await atOne({ method: 'POST', path: collection, body: medium })).code === 201);

  expect((await atTwo({ method: 'DELETE', path: `${crds}/widgets.example.com` })).code).toBe(200);
  await both(404);
});
