import { expect, test } from 'vitest';
import { flagProblem } from './flags.ts';
import { runPluginProgram } from './harness.ts';
import { secretreader } from './secretreader.ts';
import { tokenRequest } from './token-request.ts';
import { quarterdeckTunnel } from './tunnel.ts';

const known = ['--cluster-name', '--service-account'];

test.each([
  { args: [], want: undefined },
  { args: ['--cluster-name', 'm1', '--service-account=a/b'], want: undefined },
  { args: ['--cluster-name', '--clustername'], want: undefined },
  { args: ['--cluster-name'], want: undefined },
  { args: ['--clustername', 'm1'], want: '--clustername is no flag of this plugin: did you mean --cluster-name?' },
  { args: ['--clustername=m1'], want: '--clustername is no flag of this plugin: did you mean --cluster-name?' },
  {
    args: ['--cluster-name=m1', '--verbose'],
    want: '--verbose is no flag of this plugin: there are --cluster-name, --service-account',
  },
  { args: ['m1'], want: 'm1 is no flag of this plugin: there are --cluster-name, --service-account' },
])('RG-51 the flags $args of a plugin: $want', ({ args, want }) => {
  expect(flagProblem(args, known)).toBe(want);
});

test.each([
  { plugin: quarterdeckTunnel, want: 'did you mean --cluster-name?' },
  { plugin: tokenRequest, want: 'did you mean --cluster-name?' },
])('RG-51 $plugin.name refuses a mistyped flag by name rather than pass it over', async ({ plugin, want }) => {
  const { exitCode, stdout, stderr } = await runPluginProgram(plugin, {}, ['--clustername', 'm1']);
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `[${plugin.name}] --clustername is no flag of this plugin: ${want}\n`,
  });
});

test('CP-39 a plugin that upstream has too passes over what it is given beside, as that one does', async () => {
  const { stderr } = await runPluginProgram(secretreader, {}, ['--clustername', 'm1']);
  expect(stderr).not.toContain('--clustername');
});
