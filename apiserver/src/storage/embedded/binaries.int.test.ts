import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Binaries, prepareBinaries } from './binaries.ts';
import { runProgram } from './program.ts';
import { chooseRunAs } from './run-as.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-bin-'));
  chmodSync(directory, 0o755);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const runAs = chooseRunAs();
const stranger = runAs ?? { name: 'stranger', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

async function version(binaries: Binaries, program: string): Promise<string[]> {
  const lines: string[] = [];
  const run = runProgram(program, ['--version'], { binaries, runAs, cwd: '/', onLine: (line) => lines.push(line) });
  expect(await run.exited).toBe(0);
  return lines;
}

test('KA-148 the programs run from the package, their libraries linked elsewhere', async () => {
  const linkDir = join(directory, 'lib');
  const binaries = prepareBinaries({ runAs, sharedDir: join(directory, 'shared'), linkDir });
  expect(binaries.directory).toContain('node_modules');
  expect(await version(binaries, 'initdb')).toEqual([
    expect.stringMatching(`^initdb \\(PostgreSQL\\) ${binaries.major}\\.`),
  ]);
  expect(await version(binaries, 'postgres')).toEqual([expect.stringMatching(/^postgres \(PostgreSQL\)/)]);
  expect(readdirSync(directory)).toEqual(['lib']);
});

test('KA-148 where their user cannot reach the package, they run from one copy', async () => {
  const sharedDir = join(directory, 'shared');
  const prepare = (lib: string) =>
    prepareBinaries({ runAs: stranger, sharedDir, linkDir: join(directory, lib), reaches: () => false });
  const binaries = prepare('one');
  expect(binaries.directory.startsWith(sharedDir)).toBe(true);
  expect(await version(binaries, 'initdb')).toHaveLength(1);
  expect(await version(binaries, 'postgres')).toHaveLength(1);
  const made = statSync(binaries.directory);
  expect(prepare('two').directory).toBe(binaries.directory);
  expect(statSync(binaries.directory).mtimeMs).toBe(made.mtimeMs);
  expect(readdirSync(sharedDir)).toHaveLength(1);
  // Whoever runs the server may not change its programs.
  expect({ uid: made.uid, others: made.mode & 0o022 }).toEqual({ uid: process.getuid?.(), others: 0 });
});
