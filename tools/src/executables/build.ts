import { execFile } from 'node:child_process';
import { chmod, copyFile, link, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const postject = require.resolve('postject/dist/cli.js');

/** What Node.js looks for in its own file when it starts. */
const sentinel = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface ExecutableOptions {
  /** An ES module without top-level await. */
  readonly entry: string;
  /** Made when missing. */
  readonly outDir: string;
  /** One file, under each of these names. */
  readonly names: readonly string[];
}

/**
 * Makes a program one file that needs nothing beside it: Node.js, the one that runs this, with the bundled program in it. It
 * neither reads NODE_OPTIONS nor takes options of Node.js. RG-54
 * @returns the paths, in the order of the names
 */
export async function buildExecutables({ entry, outDir, names }: ExecutableOptions): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const scratch = await mkdtemp(join(outDir, '.build-'));
  try {
    const [bundle, blob, config, program] = ['main.cjs', 'main.blob', 'sea.json', 'program'].map((file) =>
      join(scratch, file),
    ) as [string, string, string, string];
    await build({
      entryPoints: [entry],
      outfile: bundle,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      logLevel: 'error',
    });
    const settings = { main: bundle, output: blob, disableExperimentalSEAWarning: true, execArgvExtension: 'none' };
    await writeFile(config, JSON.stringify(settings));
    await run(process.execPath, ['--experimental-sea-config', config]);
    await copyFile(process.execPath, program);
    await chmod(program, 0o755);
    // As a process: it warns of sections of Node.js itself, whatever one does, and that is shown when it fails only.
    await run(process.execPath, [postject, program, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', sentinel]);
    const paths = names.map((name) => join(outDir, name));
    for (const path of paths) {
      await link(program, join(scratch, 'named'));
      await rename(join(scratch, 'named'), path);
    }
    return paths;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
