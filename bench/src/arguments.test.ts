import { expect, test } from 'vitest';
import { parseCommand } from './arguments.ts';

const run = {
  type: 'run',
  name: 'api-crud',
  runs: undefined,
  sizes: undefined,
  seconds: undefined,
  quick: false,
  json: false,
  save: false,
  note: '',
};

test.each([
  { args: ['api-crud'], want: run },
  { args: ['api-crud', '--runs', '7', '--json'], want: { ...run, runs: 7, json: true } },
  { args: ['--quick', 'api-crud'], want: { ...run, quick: true } },
  { args: ['api-crud', '--save', '--note', 'idle'], want: { ...run, save: true, note: 'idle' } },
  { args: ['fan-out', '--sizes', '10,100'], want: { ...run, name: 'fan-out', sizes: [10, 100] } },
  { args: ['heartbeat-soak', '--seconds', '600'], want: { ...run, name: 'heartbeat-soak', seconds: 600 } },
  { args: ['--list'], want: { type: 'list' } },
  { args: ['--table'], want: { type: 'table' } },
  { args: ['--compare', 'a.json', 'b.json'], want: { type: 'compare', before: 'a.json', after: 'b.json' } },
])('$args is understood', ({ args, want }) => expect(parseCommand(args)).toEqual(want));

test.each([
  { args: [], why: 'say the name of one bench' },
  { args: ['api-crud', 'fan-out'], why: 'say the name of one bench' },
  { args: ['api-crud', '--runs', '0'], why: '--runs: must be 1 to 999' },
  { args: ['api-crud', '--quick', '--save'], why: 'not for the record' },
  { args: ['fan-out', '--sizes', '10,'], why: '--sizes: such as 10,100,1000' },
  { args: ['heartbeat-soak', '--seconds', '0'], why: '--seconds: must be 1 to 99999' },
  { args: ['--compare', 'a.json'], why: '--compare takes two files' },
  { args: ['api-crud', '--fast'], why: '--fast' },
])('$args is refused', ({ args, why }) => expect(() => parseCommand(args)).toThrow(why));
