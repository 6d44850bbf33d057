/**
 * Writes apiserver/src/builtin/tables/*.gen.ts from the pinned Kubernetes modules in the local Go module cache.
 *
 *   node tools/gen-builtins/main.ts           writes the files
 *   node tools/gen-builtins/main.ts --check   writes nothing; exit 1 names the files that differ
 *
 * Exit 3 when the modules are not in the cache: `go mod download` in e2e/kube fetches them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collect } from './collect.ts';
import { openapiDirectory, packages } from './kinds.ts';
import { render } from './render.ts';

const missingModules = 3;
const output = fileURLToPath(new URL('../../apiserver/src/builtin/tables/', import.meta.url));

function main(): number {
  const cache = moduleCache();
  const missing = [openapiDirectory, ...packages.map(({ directory }) => directory)].filter(
    (directory) => cache === undefined || !existsSync(join(cache, directory)),
  );
  if (cache === undefined || missing.length > 0) {
    console.error(`not in the Go module cache: ${missing.join(', ')}`);
    return missingModules;
  }
  const files = render(collect(cache));
  return process.argv.includes('--check') ? check(files) : write(files);
}

function moduleCache(): string | undefined {
  try {
    return execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
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
