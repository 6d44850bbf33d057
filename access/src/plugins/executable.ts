import { main } from './main.ts';

/** What a single executable runs: it is called like its plugin, or told which by its first argument. RG-54 */
main({ program: process.argv0, args: process.argv.slice(2) }).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
