import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiServices } from '../../builtin/registration/api-services.ts';
import { startTestControllers, type TestServerWithControllers } from '../../testing/controllers.ts';
import { send } from '../../testing/request.ts';

let running: TestServerWithControllers;
beforeEach(async () => {
  running = await startTestControllers({ definitions: [apiServices] });
});
afterEach(() => running[Symbol.asyncDispose]());

const url = '/apis/apiregistration.k8s.io/v1/apiservices';
const request = async (method: string, path: string, body?: JsonObject) =>
  (await send(running.server.pipeline, { method, url: path, ...(body === undefined ? {} : { body }) })).json;
const list = async () => ((await request('GET', url)).items as JsonObject[]) ?? [];
const nameOf = ({ metadata }: JsonObject) => String(isJsonObject(metadata) ? metadata.name : '');
const isAvailable = ({ status }: JsonObject) => JSON.stringify(status ?? {}).includes('"reason":"Local"');
const groupVersions = () =>
  running.server.registry
    .groups()
    .flatMap(({ name, versions }) => versions.map((version) => `${version.name}.${name}`))
    .sort();

test('KA-2 each served group version has an APIService that is available, core first', async () => {
  await eventually(async () => {
    const services = await list();
    expect(services.map(nameOf).sort()).toEqual(groupVersions());
    return services.every(isAvailable);
  });
  const core = await request('GET', `${url}/v1.`);
  expect(core.spec).toEqual({ version: 'v1', groupPriorityMinimum: 18_000, versionPriority: 30 });
});

test('KA-2 one comes and goes with the kinds of its group, one that is deleted comes back', async () => {
  const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' };
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object' } },
  });
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await request('POST', crds, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names,
      versions: [version('v1', true), version('v1beta1', false)],
    },
  });
  const ofGroup = async () => (await list()).map(nameOf).filter((name) => name.endsWith('example.com'));
  await eventually(async () => {
    expect(await ofGroup()).toEqual(['v1.example.com', 'v1beta1.example.com']);
    return true;
  });
  expect((await request('GET', `${url}/v1beta1.example.com`)).spec).toEqual({
    group: 'example.com',
    version: 'v1beta1',
    groupPriorityMinimum: 1000,
    versionPriority: 99,
  });
  await request('DELETE', `${url}/v1.example.com`);
  await eventually(async () => (await ofGroup()).length === 2);
  await request('DELETE', `${crds}/gadgets.example.com`);
  await eventually(async () => (await ofGroup()).length === 0);
});

test('KA-2 one that names another server is refused with the reason, one of somebody is left alone', async () => {
  const service = (name: string, spec: JsonObject) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: { groupPriorityMinimum: 1, versionPriority: 1, ...spec },
  });
  const remote = {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    service: { namespace: 'kube-system', name: 'metrics' },
  };
  const refusal = await request('POST', url, service('v1beta1.metrics.k8s.io', remote));
  expect([refusal.code, refusal.reason]).toEqual([422, 'Invalid']);
  expect(String(refusal.message)).toContain('does not pass requests on to other API servers');
  await request('POST', url, service('v1.nobody.example.com', { group: 'nobody.example.com', version: 'v1' }));
  await request('DELETE', `${url}/v1.apps`);
  await eventually(async () =>
    (await list()).every((one) => isAvailable(one) || nameOf(one) === 'v1.nobody.example.com'),
  );
  expect((await list()).map(nameOf)).toContain('v1.nobody.example.com');
});
