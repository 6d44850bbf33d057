import { describe, expect, test } from 'vitest';
import { loadProviderFile, parseProviderFile } from './provider-file.ts';

const exec = { command: 'plugin', apiVersion: 'client.authentication.k8s.io/v1' };
const withProvider = (provider: object) => JSON.stringify({ providers: [provider] });

describe('the provider file', () => {
  test('CP-1 as the proposal shows it, with nulls where Go writes them', () => {
    const provider = {
      name: 'secretreader',
      execConfig: {
        ...exec,
        args: null,
        env: [{ name: 'A', value: '1' }],
        provideClusterInfo: true,
        installHint: 'get it',
        interactiveMode: 'IfAvailable',
      },
      profileSourcedCLIArgsPolicy: 'Append',
      profileSourcedEnvVarsPolicy: 'AppendIfNotExists',
    };
    expect(parseProviderFile(withProvider(provider))).toEqual({
      providers: [{ ...provider, execConfig: { ...provider.execConfig, args: undefined } }],
    });
  });

  test.each(['{}', '{"providers": null}', '{"providers": []}'])('CP-3 %s has no providers', (text) => {
    expect(parseProviderFile(text)).toEqual({ providers: [] });
  });

  test.each([
    { name: 'CP-3 no JSON', text: '{', message: /^no valid JSON: / },
    { name: 'CP-3 a list', text: '[]', message: /^the file: / },
    {
      name: 'CP-3 a key given twice',
      text: '{"providers": [], "providers": []}',
      message: /^providers is given twice$/,
    },
    {
      name: 'CP-4 an unknown policy for arguments',
      text: withProvider({ name: 'a', profileSourcedCLIArgsPolicy: 'Prepend' }),
      message: /^providers\[0\]\.profileSourcedCLIArgsPolicy: must be Append or Ignore$/,
    },
    {
      name: 'CP-4 an unknown policy for variables',
      text: withProvider({ name: 'a', profileSourcedEnvVarsPolicy: 'Merge' }),
      message: /^providers\[0\]\.profileSourcedEnvVarsPolicy: must be Replace, AppendIfNotExists or Ignore$/,
    },
    {
      name: 'CP-5 two providers of one name',
      text: JSON.stringify({ providers: [{ name: 'a' }, { name: 'a' }] }),
      message: /^providers\[1\]\.name: "a" is defined twice/,
    },
    {
      name: 'CP-28 the version that clients no longer accept',
      text: withProvider({ name: 'a', execConfig: { ...exec, apiVersion: 'client.authentication.k8s.io/v1alpha1' } }),
      message: /^providers\[0\]\.execConfig\.apiVersion: must be client\.authentication/,
    },
    {
      name: 'CP-2 a field that is none of the file, such as a server',
      text: withProvider({ name: 'a', server: 'https://m1' }),
      message: /^providers\[0\]: .*server/,
    },
    {
      name: 'CP-3 several mistakes, all at once',
      text: withProvider({ name: '', execConfig: { ...exec, command: '' } }),
      message: /^providers\[0\]\.name: .*; providers\[0\]\.execConfig\.command: /,
    },
  ])('$name is refused', ({ text, message }) => {
    expect(() => parseProviderFile(text)).toThrow(message);
  });

  test('CP-3 a file that cannot be read', async () => {
    await expect(loadProviderFile('/nowhere/providers.json')).rejects.toThrow(/^cannot read the provider file: ENOENT/);
  });
});
