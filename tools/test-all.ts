/**
 * `pnpm test [tier ...]`: every tier in turn, the time of each, and one closing line over all.
 * A tier that cannot run here is reported with what to install; with CI=true that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tiers = ['unit', 'gates', 'int', 'conf', 'e2e'] as const;
type Tier = (typeof tiers)[number];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numPendingTests: number;
  numTodoTests: number;
}

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'quarterdeck-test-'));

function runTier(tier: Tier): Outcome {
  const report = join(scratch, `${tier}.json`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--project',
    tier,
    ...(tier === 'int' ? ['--maxWorkers=3'] : []), // they wait more than they compute
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    const failed =
      result.numFailedTests === 0 && status !== 0 ? Math.max(1, result.numFailedTestSuites) : result.numFailedTests;
    return { passed: result.numPassedTests, failed, skipped: result.numPendingTests + result.numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }; // vitest itself did not come far enough to report
  }
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

const total = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
for (const tier of tiers.filter((name) => asked.length === 0 || asked.includes(name))) {
  const why = missing(tier);
  const started = Date.now();
  const outcome =
    why === undefined ? runTier(tier) : { passed: 0, failed: process.env.CI === 'true' ? 1 : 0, skipped: 0 };
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  lines.push(
    why === undefined
      ? `${tier.padEnd(6)} ${seconds.padStart(6)} s  ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`
      : `${tier.padEnd(6)} not run: ${why}`,
  );
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
}
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(
  `\n${lines.join('\n')}\n\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
);
process.exitCode = total.failed > 0 ? 1 : 0;
