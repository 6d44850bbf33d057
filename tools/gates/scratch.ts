import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface GateResult {
  /** Whether the command refused what it saw. */
  readonly refused: boolean;
  readonly output: string;
}

/**
 * Runs one of the project's checks, with the project's own configuration, on a small tree that holds just the given files.
 * The tree lies inside the repository (ignored by git), so that the tools resolve their own dependencies.
 * @param env beside that of this process
 */
export function runGate(
  command: readonly string[],
  config: readonly string[],
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = {},
): GateResult {
  mkdirSync(join(root, '.quarterdeck'), { recursive: true });
  const scratch = mkdtempSync(join(root, '.quarterdeck/gate-'));
  try {
    for (const file of config) cpSync(join(root, file), join(scratch, file));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(scratch, file)), { recursive: true });
      writeFileSync(join(scratch, file), content);
    }
    symlinkSync(join(root, 'node_modules/@types'), join(ensure(join(scratch, 'node_modules')), '@types'));
    const [tool = '', ...args] = command;
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, tool), ...args], {
      cwd: scratch,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    return { refused: status !== 0, output: stdout + stderr };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function ensure(dir: string): string {
  mkdirSync(dir, { recursive: true });
  return dir;
}
