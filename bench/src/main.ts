import { rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, parseCommand, usage } from './arguments.ts';
import { benches } from './benches/all.ts';
import { compare, comparisonText } from './report/compare.ts';
import { environment } from './report/environment.ts';
import type { BenchResult } from './report/result.ts';
import { readResult, resultJson, saveResult, writeTable } from './report/results.ts';
import { resultText } from './report/table.ts';
import { processTable } from './servers/cpu-time.ts';
import { stopAll } from './servers/process.ts';

const out = (text: string) => process.stdout.write(text);
/** Progress goes where it does not mix with a result. */
const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(command: Command): Promise<void> {
  switch (command.type) {
    case 'list':
      for (const { name, id, title } of benches) out(`${name.padEnd(16)} ${id.padEnd(6)} ${title}\n`);
      return;
    case 'table':
      return await writeTable(benches.map(({ name }) => name));
    case 'compare': {
      const [before, after] = await Promise.all([readResult(command.before), readResult(command.after)]);
      out(comparisonText(compare(before, after)));
      return;
    }
    case 'run': {
      const result = await runBench(command);
      if (command.save) say(`kept in ${await saveResult(result)}`);
      out(command.json ? resultJson(result) : `\n${resultText(result)}`);
    }
  }
}

async function runBench({
  name,
  quick,
  sizes,
  seconds,
  note,
  ...asked
}: Command & { type: 'run' }): Promise<BenchResult> {
  const bench = benches.find((each) => each.name === name);
  if (bench === undefined) throw new Error(`there is no bench ${name}; see --list`);
  const runs = asked.runs ?? (quick ? 1 : bench.defaultRuns);
  const around = await environment();
  const date = new Date().toISOString();
  const dir = await mkdtemp(join(tmpdir(), 'quarterdeck-bench-'));
  // As root, PostgreSQL runs as another user, who has to pass through.
  await chmod(dir, 0o755);
  process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  const outcome = await bench.run({ runs, quick, sizes, seconds, dir, say });
  return { bench: name, id: bench.id, date, quick, runs, note, ...around, ...outcome };
}

/** Those that others started for us, such as kube-apiserver: they are not in our list. */
async function killChildren(): Promise<void> {
  for (const { pid, parent } of await processTable()) if (parent === process.pid) process.kill(pid, 'SIGKILL');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAll()
      .then(killChildren)
      .finally(() => process.exit(1));
  });
}
let command: Command | undefined;
try {
  command = parseCommand(process.argv.slice(2));
  await main(command);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  if (command === undefined) say(`\n${usage}`);
  process.exitCode = 1;
}
