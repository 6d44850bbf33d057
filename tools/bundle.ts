/**
 * `pnpm bundle`: the whole program as a few files of plain JavaScript in `dist/`, as images carry it. It starts in two thirds
 * of the CPU time and runs in two thirds of the memory of the sources: modules are not looked for, and what nobody calls is
 * not there. `dist/quarterdeck.mjs` takes what `quarterdeck` takes.
 */
import { join } from 'node:path';
import { bundleProgram } from './src/bundle/build.ts';

const root = join(import.meta.dirname, '..');
const { bytes } = await bundleProgram({ root, outDir: join(root, 'dist') });
console.log(`dist/quarterdeck.mjs: ${(bytes / 1e6).toFixed(1)} MB`);
