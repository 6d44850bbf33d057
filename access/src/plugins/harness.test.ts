import { describe, expect, test } from 'vitest';
import { type Plugin, runPluginProgram, setting } from './harness.ts';

const echo: Plugin = {
  name: 'echo',
  credential: async ({ server, config }) => ({ token: `${server} ${setting(config, 'name')}` }),
};
const info = (spec: object, over: object = {}) => ({
  KUBERNETES_EXEC_INFO: JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec,
    ...over,
  }),
});

describe('the plugin harness', () => {
  test('CP-17, CP-21 a compact ExecCredential on one line', async () => {
    const environment = info({ interactive: false, cluster: { server: 'https://m1', config: { name: 'x' } } });
    expect(await runPluginProgram(echo, environment)).toEqual({
      exitCode: 0,
      stdout:
        '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"https://m1 x"}}\n',
      stderr: '',
    });
  });

  test.each([
    { name: 'not run by a client', environment: {}, message: '[echo] KUBERNETES_EXEC_INFO is not set' },
    { name: 'no JSON', environment: { KUBERNETES_EXEC_INFO: '{' }, message: '[echo] KUBERNETES_EXEC_INFO is no JSON' },
    {
      name: 'another version',
      environment: info({}, { apiVersion: 'client.authentication.k8s.io/v1beta1' }),
      message: '[echo] KUBERNETES_EXEC_INFO must hold an ExecCredential of client.authentication.k8s.io/v1',
    },
    ...[{}, { cluster: {} }, { cluster: { server: ' ' } }, { cluster: { server: 'null' } }].map((spec) => ({
      name: `no server: ${JSON.stringify(spec)}`,
      environment: info(spec),
      message: '[echo] spec.cluster.server is missing',
    })),
    {
      name: 'a missing setting',
      environment: info({ cluster: { server: 'https://m1' } }),
      message: '[echo] name is missing in the extension client.authentication.k8s.io/exec',
    },
    {
      name: 'a setting that is no string',
      environment: info({ cluster: { server: 'https://m1', config: { name: 1 } } }),
      message: '[echo] name in the extension client.authentication.k8s.io/exec must be a string',
    },
  ])('CP-21 $name: a message on standard error, exit code 1', async ({ environment, message }) => {
    const result = await runPluginProgram(echo, environment);
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^${message.replace(/[[\].]/g, '\\$&')}[^\n]*\n$`));
  });
});
