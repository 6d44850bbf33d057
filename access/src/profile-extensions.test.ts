import type { JsonValue } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { applyExtensions, extensionName, type NamedExtension } from './profile-extensions.ts';
import type { Provider } from './provider-file.ts';

type Policies = Pick<Provider, 'profileSourcedCLIArgsPolicy' | 'profileSourcedEnvVarsPolicy'>;
const provider = (policies: Policies = {}): Provider => ({
  name: 'p',
  execConfig: {
    command: 'plugin',
    apiVersion: 'client.authentication.k8s.io/v1',
    args: ['get', '--quiet'],
    env: [
      { name: 'MODE', value: 'configured' },
      { name: 'ZONE', value: 'z1' },
    ],
  },
  ...policies,
});
const args = (extension: JsonValue): NamedExtension[] => [{ name: extensionName.additionalArgs, extension }];
const envs = (extension: JsonValue): NamedExtension[] => [{ name: extensionName.additionalEnvs, extension }];
const configured = { args: ['get', '--quiet'], env: provider().execConfig?.env };

describe('extensions of an access provider', () => {
  test.each<{ name: string; policies: Policies; extensions: NamedExtension[]; want: object }>([
    { name: 'CP-31 arguments are ignored by default', policies: {}, extensions: args(['--x']), want: configured },
    { name: 'CP-31 variables are ignored by default', policies: {}, extensions: envs({ MODE: 'x' }), want: configured },
    {
      name: 'CP-34 what is ignored is not even parsed',
      policies: { profileSourcedCLIArgsPolicy: 'Ignore', profileSourcedEnvVarsPolicy: 'Ignore' },
      extensions: [...args(42), ...envs('nonsense')],
      want: configured,
    },
    {
      name: 'CP-32 Append adds after the configured ones, in order, repeated ones too',
      policies: { profileSourcedCLIArgsPolicy: 'Append' },
      extensions: args(['--b', '--a', '--quiet']),
      want: { ...configured, args: ['get', '--quiet', '--b', '--a', '--quiet'] },
    },
    {
      name: 'CP-36 arguments in an object, as the CRD admits them',
      policies: { profileSourcedCLIArgsPolicy: 'Append' },
      extensions: args({ args: ['--a'] }),
      want: { ...configured, args: ['get', '--quiet', '--a'] },
    },
    {
      name: 'CP-33, CP-16 Replace: the value of the profile wins; each name once, sorted',
      policies: { profileSourcedEnvVarsPolicy: 'Replace' },
      extensions: envs({ ZONE: 'z2', ALPHA: '1' }),
      want: {
        ...configured,
        env: [
          { name: 'ALPHA', value: '1' },
          { name: 'MODE', value: 'configured' },
          { name: 'ZONE', value: 'z2' },
        ],
      },
    },
    {
      name: 'CP-33 AppendIfNotExists: the configured value wins',
      policies: { profileSourcedEnvVarsPolicy: 'AppendIfNotExists' },
      extensions: envs({ ZONE: 'z2', ALPHA: '1' }),
      want: {
        ...configured,
        env: [
          { name: 'ALPHA', value: '1' },
          { name: 'MODE', value: 'configured' },
          { name: 'ZONE', value: 'z1' },
        ],
      },
    },
    {
      name: 'CP-13, CP-37 the plugin config is handed on as it is',
      policies: {},
      extensions: [{ name: extensionName.config, extension: { name: 'n', deep: [1, { a: null }] } }],
      want: { ...configured, config: { name: 'n', deep: [1, { a: null }] } },
    },
    {
      name: 'CP-9 unknown extensions are ignored',
      policies: {},
      extensions: [{ name: 'example.com/other', extension: ['x'] }],
      want: configured,
    },
  ])('$name', ({ policies, extensions, want }) => {
    expect(applyExtensions(provider(policies), extensions)).toEqual(want);
  });

  test.each([
    { name: 'CP-13 two extensions of one name', extensions: [...args([]), ...args([])], message: 'is there twice' },
    { name: 'CP-34 arguments that are no list', extensions: args('--x'), message: 'must be a list of strings' },
    { name: 'CP-34 arguments that are no strings', extensions: args([1]), message: 'must be a list of strings' },
    { name: 'CP-34 variables that are no map', extensions: envs(['A=1']), message: 'must map names to strings' },
    { name: 'CP-34 a variable that is no string', extensions: envs({ A: 1 }), message: 'must map names to strings' },
    {
      name: 'CP-35 a name that is none',
      extensions: envs({ 'A-B': '1' }),
      message: '"A-B" from the profile is no name',
    },
  ])('$name: an error', ({ extensions, message }) => {
    const policies = { profileSourcedCLIArgsPolicy: 'Append', profileSourcedEnvVarsPolicy: 'Replace' } as const;
    expect(() => applyExtensions(provider(policies), extensions)).toThrow(message);
  });

  test.each([
    ...['KUBERNETES_EXEC_INFO', 'PATH', 'HOME', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES', 'NODE_OPTIONS', 'GODEBUG'],
    ...['HTTPS_PROXY', 'https_proxy', 'No_Proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ])('CP-35 a profile may not set %s, unless the operator allows it by name', (name) => {
    const given = [provider({ profileSourcedEnvVarsPolicy: 'Replace' }), envs({ [name]: 'x' })] as const;
    expect(() => applyExtensions(...given)).toThrow(`the profile may not set the variable ${name}`);
    expect(applyExtensions(...given, new Set([name])).env).toContainEqual({ name, value: 'x' });
  });
});
