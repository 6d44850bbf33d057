import { join } from 'node:path';
import { startEmbeddedPostgres } from '@quarterdeck/apiserver';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import { figure } from '../report/figure.ts';
import type { Bench } from '../report/result.ts';
import { type HubProcessOptions, startHub } from '../servers/hub.ts';

/** BM-12: from starting the process until the hub serves and its kinds are installed, on a store initialised before. */
export const coldStart: Bench = {
  name: 'cold-start',
  id: 'BM-12',
  title: 'start of the hub on an initialised store without objects of users',
  defaultRuns: 5,
  async run({ dir, quick, runs, say }) {
    const { clock, logger } = { clock: systemClock, logger: silentLogger };
    await using postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'postgres'), clock, logger });
    const stores: { name: string; options: HubProcessOptions; first: number[]; again: number[] }[] = [
      { name: 'embedded', options: { dataDir: join(dir, 'embedded') }, first: [], again: [] },
      {
        name: 'PostgreSQL',
        options: { dataDir: join(dir, 'external'), databaseUrl: postgres.url },
        first: [],
        again: [],
      },
    ];
    const start = async (options: HubProcessOptions): Promise<number> => {
      await using hub = await startHub(options);
      return hub.readyMs / 1000;
    };
    for (const { name, options, first } of stores) {
      first.push(await start(options));
      say(`${name}, first start: ${first[0]?.toFixed(2)} s`);
    }
    for (let run = 0; run < (quick ? 1 : runs); run++) {
      for (const { name, options, again } of stores) {
        again.push(await start(options));
        say(`run ${run + 1}, ${name}: ${again[run]?.toFixed(2)} s`);
      }
    }
    return {
      setup: { objects: 'none of users' },
      figures: stores.flatMap(({ name, first, again }) => [
        figure(`${name}: ready`, 's', again, { atMost: 1 }),
        figure(`${name}: ready at the first start`, 's', first),
      ]),
      left: ['10k and 100k objects'],
    };
  },
};
