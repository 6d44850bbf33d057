import { parseArgs } from 'node:util';

export const usage = `pnpm bench NAME [--runs N] [--quick] [--json] [--save] [--note TEXT]   run one bench
pnpm bench --list                                                      what there is
pnpm bench --compare BEFORE.json AFTER.json                            two results of one bench
pnpm bench --table                                                     the newest results, into bench/README.md

--quick  small sizes and one run, to see that it works     --save  keep the result in bench/results
--json   the result on standard output                     --note  said in the result, such as what else ran
--sizes  10,100: other sizes, where a bench has several     --seconds  how long heartbeat-soak watches, memory waits
`;

/** What was asked for. */
export type Command =
  | { readonly type: 'list' }
  | { readonly type: 'table' }
  | { readonly type: 'compare'; readonly before: string; readonly after: string }
  | {
      readonly type: 'run';
      readonly name: string;
      /** Undefined: as many as the bench has by itself. */
      readonly runs: number | undefined;
      readonly quick: boolean;
      readonly sizes: readonly number[] | undefined;
      readonly seconds: number | undefined;
      readonly json: boolean;
      readonly save: boolean;
      readonly note: string;
    };

/** @throws Error with one line that says what is wrong */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
      compare: { type: 'boolean', default: false },
      runs: { type: 'string' },
      sizes: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      note: { type: 'string', default: '' },
    },
  });
  const { list, table, compare, runs, sizes, seconds, quick, json, save, note } = values;
  if (list) return { type: 'list' };
  if (table) return { type: 'table' };
  const [first, second, ...more] = positionals;
  if (compare) {
    if (first === undefined || second === undefined || more.length > 0) throw new Error('--compare takes two files');
    return { type: 'compare', before: first, after: second };
  }
  if (first === undefined || second !== undefined) throw new Error('say the name of one bench');
  if (runs !== undefined && !/^[1-9]\d{0,2}$/.test(runs)) throw new Error('--runs: must be 1 to 999');
  if (sizes !== undefined && !/^(0|[1-9]\d{0,5})(,(0|[1-9]\d{0,5}))*$/.test(sizes))
    throw new Error('--sizes: such as 10,100,1000');
  if (seconds !== undefined && !/^[1-9]\d{0,4}$/.test(seconds)) throw new Error('--seconds: must be 1 to 99999');
  if (save && quick) throw new Error('--save: a quick run is not for the record');
  return {
    type: 'run',
    name: first,
    runs: runs === undefined ? undefined : Number(runs),
    sizes: sizes?.split(',').map(Number),
    seconds: seconds === undefined ? undefined : Number(seconds),
    quick,
    json,
    save,
    note,
  };
}
