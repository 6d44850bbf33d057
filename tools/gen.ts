import { writeGenerated } from './src/gen/write.ts';

/** `pnpm gen`: writes every generated file of the repository and removes those that are generated no more. */
const { written, removed } = await writeGenerated(new URL('..', import.meta.url));
for (const path of written) console.log(`wrote ${path}`);
for (const path of removed) console.log(`removed ${path}`);
if (written.length + removed.length === 0) console.log('generated files are up to date');
