import { ConfigError } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { loadAgentConfig } from './config.ts';

const good = { clusterName: 'm1', hub: 'https://hub:6443' };

test('a name and a hub are enough', () => {
  expect(loadAgentConfig(good, {}).values).toEqual({
    ...good,
    stateDir: '.quarterdeck/agent',
    logLevel: 'info',
    evictionGrace: '3600',
    tunnel: false,
    tunnelUrl: [],
  });
});

const problemsOf = (flags: object): readonly string[] => {
  try {
    loadAgentConfig({ ...good, ...flags }, {});
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test.each([
  { flags: { tunnelUrl: ['https://a'] }, problem: 'needs --tunnel' },
  { flags: { tunnel: true, tunnelUrl: ['http://a'] }, problem: 'must be an https:// URL' },
  { flags: { tunnel: true, tunnelCaFile: 'f' }, problem: 'is the CA of --tunnel-url' },
  { flags: { apiUrl: 'https://m1:6443' }, problem: 'needs --tunnel: tokens for that address' },
  { flags: { tunnel: true, apiCaFile: 'f' }, problem: 'is the CA of --api-url' },
])('RG-51, RG-53 what only goes with a tunnel is refused without: $problem', ({ flags, problem }) => {
  expect(problemsOf(flags).join('\n')).toContain(problem);
});

test('RG-51, RG-52 several addresses for tunnels, and one for consumers', () => {
  const flags = { tunnel: true, tunnelUrl: ['https://a', 'https://b'], apiUrl: 'https://m1:6443', apiCaFile: 'f' };
  expect(problemsOf(flags)).toEqual([]);
});

test('a hub that is no https:// URL is told from one that is missing', () => {
  expect(problemsOf({ hub: 'hub:6443' })).toEqual(['--hub: must be the https:// URL of the hub']);
  expect(problemsOf({ hub: undefined })).toEqual([
    '--hub (or QUARTERDECK_HUB): is required: the https:// URL of the hub',
  ]);
});

test('all problems are reported at once', () => {
  const flags = { clusterName: 'M1', hub: 'http://hub', caHash: 'x', token: 'y', caFile: 'f' };
  try {
    loadAgentConfig(flags, {});
    throw new Error('it was accepted');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems).toHaveLength(5);
    expect(error.problems.join('\n')).toContain('give one of a CA hash, a CA file and CA data');
  }
});

test('SEC-12 a token is never printed', () => {
  const printed = loadAgentConfig({ ...good, token: 'abcdef.0123456789abcdef' }, {}).print();
  expect(printed).not.toContain('0123456789abcdef');
});
