/**
 * `pnpm test [tier ...]`: every tier in turn; then the failures, the time of each tier, and one closing line over all.
 *
 * A tier that cannot run here is reported with what to install; with CI=true that is a failure. In the tiers that work with
 * real processes and real time, a few files that fail run once more, alone: what passes then is no failure of the gate, and
 * is named as unsteady, which is a defect to repair.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterSecondRun,
  failedFiles,
  failureLines,
  type Outcome,
  outcomeOf,
  type Unhandled,
  unreported,
  type VitestReport,
} from './src/tiers/outcome.ts';

const tiers = ['unit', 'gates', 'int', 'conf', 'e2e'] as const;
type Tier = (typeof tiers)[number];

/** Those whose failing files run again; elsewhere nothing depends on the machine's load. */
const ofTheRealWorld: readonly Tier[] = ['int', 'e2e'];
/** More files than these failing is no accident. */
const filesRunAgain = 3;

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'quarterdeck-test-'));

/** @returns undefined when vitest did not come far enough to report */
function vitest(tier: Tier, workers: number | undefined, files: readonly string[]): VitestReport | undefined {
  const report = join(scratch, `${tier}.json`);
  const stray = join(scratch, `${tier}-unhandled.json`);
  for (const file of [report, stray]) rmSync(file, { force: true });
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    tier,
    ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    `--reporter=${join(root, 'tools/src/tiers/unhandled-errors.ts')}`,
    `--outputFile.unhandled=${stray}`,
    ...files,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const tests = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    const read = { ...tests, unhandled: JSON.parse(readFileSync(stray, 'utf8')) as Unhandled[] };
    const explained = status === 0 || outcomeOf(read).failed.length > 0;
    return explained ? read : undefined;
  } catch {
    return undefined;
  }
}

function runTier(tier: Tier): Outcome {
  const first = vitest(tier, tier === 'int' ? 3 : undefined, []); // int waits more than it computes
  if (first === undefined)
    return unreported(`vitest ended without saying which test failed: see the ${tier} tier above`);
  const outcome = outcomeOf(first);
  const files = failedFiles(first);
  if (files.length === 0 || files.length > filesRunAgain || !ofTheRealWorld.includes(tier)) return outcome;
  process.stdout.write(
    `\n${failureLines(outcome.failed, root).join('\n')}\n\n${files.length} failed; once more, alone:\n`,
  );
  const second = vitest(tier, 1, files);
  return second === undefined ? outcome : afterSecondRun(first, second);
}

/** Why this tier cannot run on this machine; undefined when it can. */
function missing(tier: Tier): string | undefined {
  if (tier !== 'e2e') return undefined;
  if (process.env.KUBEBUILDER_ASSETS !== undefined) return undefined;
  return spawnSync('go', ['version']).status === 0
    ? undefined
    : 'real Kubernetes members are built with Go: install Go 1.25 or newer';
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(tiers as readonly string[]).includes(name));
if (unknown.length > 0) {
  process.stderr.write(`unknown tier ${unknown.join(', ')}; the tiers are ${tiers.join(', ')}\n`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
const lines: string[] = [];
for (const tier of tiers.filter((name) => asked.length === 0 || asked.includes(name))) {
  const why = missing(tier);
  if (why !== undefined) {
    lines.push(`${tier.padEnd(6)} not run: ${why}`);
    if (process.env.CI === 'true') outcomes.push(unreported(why));
    continue;
  }
  const started = Date.now();
  const outcome = runTier(tier);
  outcomes.push(outcome);
  lines.push(`${tier.padEnd(6)} ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${counts([outcome])}`);
}
rmSync(scratch, { recursive: true, force: true });

const failed = outcomes.flatMap((outcome) => outcome.failed);
const unsteady = outcomes.flatMap((outcome) => outcome.unsteady);
if (unsteady.length > 0) say('Unsteady: failed, and passed when their files ran again, alone', unsteady);
if (failed.length > 0) say('Failed', failed);
process.stdout.write(`\n${lines.join('\n')}\n\n${counts(outcomes)}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

function counts(of: readonly Outcome[]): string {
  const sum = (count: (outcome: Outcome) => number) => of.reduce((total, outcome) => total + count(outcome), 0);
  return `${sum(({ passed }) => passed)} passed, ${sum((outcome) => outcome.failed.length)} failed, ${sum(({ skipped }) => skipped)} skipped`;
}

function say(what: string, failures: Outcome['failed']): void {
  process.stdout.write(`\n${what}:\n${failureLines(failures, root).join('\n')}\n`);
}
