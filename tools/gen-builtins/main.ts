/**
 * Writes apiserver/src/builtin/tables/*.gen.ts from the Kubernetes modules that e2e/kube pins; Go fetches what it lacks.
 *
 *   node tools/gen-builtins/main.ts           writes the files
 *   node tools/gen-builtins/main.ts --check   writes nothing; exit 1 names the files that differ
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect } from './collect.ts';
import { openapiDirectory, packages } from './kinds.ts';
import { render } from './render.ts';

const goModule = fileURLToPath(new URL('../../e2e/kube/', import.meta.url));
const output = fileURLToPath(new URL('../../apiserver/src/builtin/tables/', import.meta.url));

function main(): number {
  const files = render(collect(fetchModules()));
  return process.argv.includes('--check') ? check(files) : write(files);
}

/** Returns the Go module cache, with all modules in it that the tables are made of. */
function fetchModules(): string {
  const directories = [openapiDirectory, ...packages.map(({ directory }) => directory)];
  const modules = new Set(directories.map((directory) => directory.slice(0, directory.indexOf('@'))));
  const go = (...args: string[]) => execFileSync('go', args, { cwd: goModule, encoding: 'utf8' }).trim();
  go('mod', 'download', ...modules);
  return go('env', 'GOMODCACHE');
}

function committed(): string[] {
  return readdirSync(output).filter((file) => file.endsWith('.gen.ts'));
}

function check(files: ReadonlyMap<string, string>): number {
  const stale = committed().filter((file) => !files.has(file));
  for (const [file, text] of files) {
    const path = join(output, file);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(file);
  }
  if (stale.length > 0) console.error(`differ from a fresh generation: ${stale.join(', ')}`);
  return stale.length > 0 ? 1 : 0;
}

function write(files: ReadonlyMap<string, string>): number {
  for (const file of committed()) if (!files.has(file)) rmSync(join(output, file));
  for (const [file, text] of files) writeFileSync(join(output, file), text);
  return 0;
}

process.exitCode = main();
