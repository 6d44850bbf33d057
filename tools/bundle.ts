/**
 * `pnpm bundle [DIRECTORY]`: the whole program as a few files of plain JavaScript, in `dist/` or another directory, as images
 * carry it. It starts in two thirds of the CPU time and runs in two thirds of the memory of the sources: modules are not
 * looked for, and what nobody calls is not there. `quarterdeck.mjs` takes what `quarterdeck` takes.
 */
import { join } from 'node:path';
import { bundleProgram } from './src/bundle/build.ts';

const root = join(import.meta.dirname, '..');
const outDir = process.argv[2] ?? join(root, 'dist');
const { bytes } = await bundleProgram({ root, outDir });
console.log(`${join(outDir, 'quarterdeck.mjs')}: ${(bytes / 1e6).toFixed(1)} MB`);
