/** `pnpm executables [DIRECTORY]`: the credentials plugins as single executables, for this machine's kind. RG-54 */
import { join } from 'node:path';
import { buildExecutables } from './src/executables/build.ts';

const root = join(import.meta.dirname, '..');
const names = ['quarterdeck-tunnel', 'token-request', 'secretreader', 'kubeconfig-secretreader'];

if (process.platform !== 'linux') {
  process.stderr.write('executables are built on Linux, for Linux: elsewhere they would have to be signed\n');
  process.exit(1);
}
const entry = join(root, 'access/src/plugins/executable.ts');
const outDir = process.argv[2] ?? join(root, 'dist/plugins');
for (const path of await buildExecutables({ entry, outDir, names })) process.stdout.write(`${path}\n`);
