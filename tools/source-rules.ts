/**
 * `node tools/source-rules.ts`: rules of this project that no linter knows, as part of `pnpm lint`. It reads the product's
 * sources below the current directory, prints each violation, and exits with 1 when there is one.
 */
import { globSync, readFileSync } from 'node:fs';
import { allowed } from './src/source-rules/allowed.ts';
import { productFiles } from './src/source-rules/files.ts';
import { checkSource, unneeded } from './src/source-rules/rules.ts';

const files = globSync('{apis,machinery,apiserver,hub,agent,simulator,cli}/src/**/*.ts').filter(productFiles).sort();
const found = files.flatMap((file) => checkSource(file, readFileSync(file, 'utf8')));
const refused = found.filter(({ rule, file }) => allowed[rule][file] === undefined);
for (const { file, line, rule, text } of refused) console.error(`${file}:${line} ${rule}: ${text}`);

const idle = unneeded(found, allowed).filter(({ file }) => files.includes(file));
for (const { file, rule } of idle)
  console.error(`${file} ${rule}: is allowed to break the rule, and does not any more`);

process.exitCode = refused.length + idle.length === 0 ? 0 : 1;
