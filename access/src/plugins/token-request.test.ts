import { expect, test } from 'vitest';
import { runPluginProgram } from './harness.ts';
import { tokenRequest } from './token-request.ts';

const info = JSON.stringify({
  apiVersion: 'client.authentication.k8s.io/v1',
  kind: 'ExecCredential',
  spec: { cluster: { server: 'https://m1', config: { clusterName: 'm1' } } },
});
const noHub = '[token-request] neither a pod with a service account nor KUBECONFIG: there is no way to the hub\n';
const noAccount =
  '[token-request] say of which service account of the member: --service-account NAMESPACE/NAME, or QUARTERDECK_SERVICE_ACCOUNT\n';
const run = (args: readonly string[], variable?: string) =>
  runPluginProgram(
    tokenRequest,
    { KUBERNETES_EXEC_INFO: info, ...(variable === undefined ? {} : { QUARTERDECK_SERVICE_ACCOUNT: variable }) },
    args,
  );

test.each<{ args: string[]; variable?: string }>([
  { args: ['--service-account', 'default/reader'] },
  { args: ['--service-account=default/reader'] },
  { args: [], variable: 'default/reader' },
  { args: ['--service-account', 'default/reader'], variable: 'nonsense' },
])('RG-51 the consumer says which account: $args $variable', async ({ args, variable }) => {
  expect(await run(args, variable)).toEqual({ exitCode: 1, stdout: '', stderr: noHub });
});

test.each<{ args: string[]; variable?: string }>([
  { args: [] },
  { args: ['--service-account'] },
  { args: ['--service-account', 'reader'] },
  { args: ['--service-account', 'a/b/c'] },
  { args: ['--service-account', '../b'] },
  { args: [], variable: '' },
])('RG-51 a consumer that does not say which account is told how to: $args $variable', async ({ args, variable }) => {
  expect(await run(args, variable)).toEqual({ exitCode: 1, stdout: '', stderr: noAccount });
});

test('RG-51 for clients that tell of no cluster the command line says which', async () => {
  const untold = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: {} });
  const environment = { KUBERNETES_EXEC_INFO: untold, QUARTERDECK_SERVICE_ACCOUNT: 'default/reader' };
  expect(await runPluginProgram(tokenRequest, environment, ['--cluster-name', 'm1'])).toMatchObject({ stderr: noHub });
  expect(await runPluginProgram(tokenRequest, environment, [])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('spec.cluster.server is missing'),
  });
});
