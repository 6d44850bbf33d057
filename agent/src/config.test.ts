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
  });
});

test('all problems are reported at once', () => {
  const flags = { clusterName: 'M1', hub: 'http://hub', caHash: 'x', token: 'y', caFile: 'f' };
  try {
    loadAgentConfig(flags, {});
    throw new Error('it was accepted');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems).toHaveLength(5);
    expect(error.problems.join('\n')).toContain('give a CA hash or a CA file, not both');
  }
});

test('SEC-12 a token is never printed', () => {
  const printed = loadAgentConfig({ ...good, token: 'abcdef.0123456789abcdef' }, {}).print();
  expect(printed).not.toContain('0123456789abcdef');
});
