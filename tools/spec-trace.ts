/**
 * `pnpm spec:trace [--missing] [--update]`: which requirement of docs/spec has a test. Fails on IDs that no page
 * declares, on gaps that the pages do not admit, and on lost coverage. `--missing` lists what has no test; `--update`
 * writes the floor of coverage.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { belowRatchet, measureCoverage, type Ratchet } from './spec/coverage.ts';
import { parsePage } from './spec/pages.ts';
import { tracedTitles } from './spec/titles.ts';

const root = join(import.meta.dirname, '..');
const ratchetFile = join(root, 'docs/spec/coverage.json');
/** Pages that move here with the issue that builds them; until then their IDs are taken on trust. */
const laterPrefixes = ['CI', 'CP', 'PD', 'PL', 'RG', 'AB', 'MCS', 'BM'];

const pages = globSync('docs/spec/*.md', { cwd: root })
  .sort()
  .map((file) => parsePage(basename(file, '.md'), readFileSync(join(root, file), 'utf8')));
const declared = new Set(pages.flatMap((page) => page.requirements.map(({ id }) => id.split('-')[0] ?? '')));
const prefixes = new Set([...declared, ...laterPrefixes]);
const files = globSync(
  '{apis,machinery,apiserver,hub,agent,access,cli,simulator,e2e,bench,tools}/**/*.{test,suite}.ts',
  {
    cwd: root,
    // The titles in the tests of this tool are its examples, and prove nothing about a server.
    exclude: ['**/node_modules/**', 'tools/spec/**'],
  },
)
  .sort()
  .map((file) => ({ file, titles: tracedTitles(readFileSync(join(root, file), 'utf8'), prefixes) }));

const coverage = measureCoverage(
  pages,
  files,
  laterPrefixes.filter((prefix) => !declared.has(prefix)),
);
const ratchet = JSON.parse(readFileSync(ratchetFile, 'utf8')) as Ratchet;
for (const { page, level, covered, total } of coverage.rows) {
  process.stdout.write(`${page.padEnd(20)} ${level}  ${String(covered).padStart(4)} of ${total}\n`);
}
if (process.argv.includes('--missing')) {
  for (const { page, level, id } of coverage.missing) process.stdout.write(`${page.padEnd(20)} ${level}  ${id}\n`);
}
for (const id of coverage.closedGaps) process.stdout.write(`${id} has a test: take it out of the gaps\n`);
const problems = [...coverage.problems, ...belowRatchet(coverage, ratchet)];
for (const problem of problems) process.stderr.write(`spec:trace: ${problem}\n`);
if (process.argv.includes('--update') && coverage.problems.length === 0) {
  const floors = Object.fromEntries(coverage.rows.map(({ page, level, covered }) => [`${page} ${level}`, covered]));
  writeFileSync(ratchetFile, `${JSON.stringify(floors, null, 2)}\n`);
} else if (problems.length > 0) {
  process.exitCode = 1;
}
