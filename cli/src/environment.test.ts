import { loadAgentConfig } from '@quarterdeck/agent';
import { loadHubConfig } from '@quarterdeck/hub';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { environmentWarnings } from './environment.ts';
import { commandLine } from './main.ts';

const verb = (program: Command, ...names: string[]) =>
  names.reduce((command, name) => {
    const found = command.commands.find((each) => each.name() === name);
    if (found === undefined) throw new Error(`no verb ${name}`);
    return found;
  }, program);
const told = (names: string[], env: Record<string, string>) => {
  const program = commandLine();
  return environmentWarnings(program, verb(program, ...names), env);
};

test('a mistyped variable is told where it would count, for the hub and for the agent', () => {
  const env = { QUARTERDECK_DATADIR: 'x', QUARTERDECK_TUNNEL_URLS: 'y', QUARTERDECK_PRINT_CONFIG: 'true' };
  const warnings = [
    'the environment variable QUARTERDECK_DATADIR is not known and has no effect: did you mean QUARTERDECK_DATA_DIR?',
    'the environment variable QUARTERDECK_PRINT_CONFIG is not known and has no effect',
    'the environment variable QUARTERDECK_TUNNEL_URLS is not known and has no effect: did you mean QUARTERDECK_TUNNEL_URL?',
  ];
  expect([told(['hub'], env), told(['agent', 'run'], env), told(['token', 'list'], env)]).toEqual([
    warnings,
    warnings,
    [],
  ]);
});

test('every option that may come from the environment is known, to hub and agent alike, and so are those of plugins', () => {
  const sources = (load: typeof loadHubConfig | typeof loadAgentConfig, flags: Record<string, string>) =>
    Object.keys(load(flags, {}).sources);
  const fields = [
    ...sources(loadHubConfig, {}),
    ...sources(loadAgentConfig, { clusterName: 'm1', hub: 'https://hub' }),
  ];
  const names = fields.map((field) => `QUARTERDECK_${field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`);
  expect(names.length).toBeGreaterThan(30);
  const all = [...names, 'QUARTERDECK_HUB_URL', 'QUARTERDECK_HUB_CA_FILE', 'QUARTERDECK_SERVICE_ACCOUNT'];
  expect(told(['hub'], Object.fromEntries(all.map((name) => [name, 'x'])))).toEqual([]);
});
