import { describe, expect, test } from 'vitest';
import { runGate } from './scratch.ts';

const folders = ['apis', 'machinery', 'apiserver', 'hub', 'agent'];
const depcruise = [
  'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
  '--config',
  '.dependency-cruiser.mjs',
  ...folders,
];
const config = ['.dependency-cruiser.mjs', 'tsconfig.json'];
const skeleton = {
  ...Object.fromEntries(folders.map((name) => [`${name}/src/index.ts`, 'export const door = 1;\n'])),
  ...Object.fromEntries(folders.map((name) => [`${name}/src/inner.ts`, 'export const inner = 1;\n'])),
  'hub/src/observe.ts': 'export const seen = 1;\n',
  ...Object.fromEntries(
    ['pg', 'fastify', 'drizzle-orm'].map((name) => [`node_modules/${name}/index.js`, 'export default 1;\n']),
  ),
};
const importing = (target: string) => `import '${target}';\n`;

const planted: readonly { rule: string; file: string; imports: string }[] = [
  { rule: 'apis-imports-only-nothing', file: 'apis/src/bad.ts', imports: '../../machinery/src/index.ts' },
  { rule: 'machinery-imports-only-apis', file: 'machinery/src/bad.ts', imports: '../../apiserver/src/index.ts' },
  { rule: 'apiserver-imports-only-apis-machinery', file: 'apiserver/src/bad.ts', imports: '../../hub/src/index.ts' },
  { rule: 'hub-imports-only-apis-machinery-apiserver', file: 'hub/src/bad.ts', imports: '../../agent/src/index.ts' },
  { rule: 'agent-imports-only-apis-machinery', file: 'agent/src/bad.ts', imports: '../../apiserver/src/index.ts' },
  { rule: 'hub-and-agent-never-meet', file: 'agent/src/bad.ts', imports: '../../hub/src/index.ts' },
  { rule: 'machinery-only-through-its-doors', file: 'hub/src/bad.ts', imports: '../../machinery/src/inner.ts' },
  { rule: 'sql-only-in-storage', file: 'apiserver/src/pipeline/bad.ts', imports: 'pg' },
  { rule: 'fastify-only-in-http', file: 'apiserver/src/pipeline/bad.ts', imports: 'fastify' },
  { rule: 'decide-is-pure', file: 'hub/src/decide.ts', imports: './observe.ts' },
  { rule: 'decide-does-no-io', file: 'hub/src/decide.ts', imports: 'node:fs' },
  { rule: 'apis-do-no-io', file: 'apis/src/bad.ts', imports: 'node:fs' },
  { rule: 'resolvable', file: 'hub/src/bad.ts', imports: './missing.ts' },
];

describe('pnpm deps', () => {
  test('passes the tree without a violation', () => {
    expect(runGate(depcruise, config, skeleton).output).toContain('no dependency violations found');
  });

  test.each(planted)('refuses a planted violation of $rule', ({ rule, file, imports }) => {
    const { refused, output } = runGate(depcruise, config, { ...skeleton, [file]: importing(imports) });
    expect({ refused, named: output.includes(rule) }, output).toEqual({ refused: true, named: true });
  });

  test('refuses a cycle', () => {
    const { refused, output } = runGate(depcruise, config, {
      ...skeleton,
      'hub/src/one.ts': importing('./two.ts'),
      'hub/src/two.ts': importing('./one.ts'),
    });
    expect({ refused, named: output.includes('no-cycles') }, output).toEqual({ refused: true, named: true });
  });
});
