import { describe, expect, test } from 'vitest';
import { runGate } from './scratch.ts';

const lint = ['node_modules/@biomejs/biome/bin/biome', 'lint', '--error-on-warnings', '--vcs-enabled=false', 'hub'];
const planted: readonly { rule: string; code: string }[] = [
  {
    rule: 'noFloatingPromises',
    code: 'async function go(): Promise<void> {}\nexport function start(): void {\n  go();\n}\n',
  },
  {
    rule: 'useExhaustiveSwitchCases',
    code: "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  },
  { rule: 'useThrowOnlyError', code: "export function f(): never {\n  throw 'text';\n}\n" },
  { rule: 'noExplicitAny', code: 'export const x: any = 1;\n' },
  { rule: 'noUnusedVariables', code: 'const unused = 1;\nexport const x = 2;\n' },
  { rule: 'noNonNullAssertion', code: 'export const f = (x: string | undefined): string => x!;\n' },
];

describe('pnpm lint', () => {
  test('passes clean code', () => {
    expect(runGate(lint, ['biome.json'], { 'hub/src/fine.ts': 'export const x = 1;\n' })).toMatchObject({
      refused: false,
    });
  });

  test.each(planted)('refuses a planted violation of $rule', ({ rule, code }) => {
    const { refused, output } = runGate(lint, ['biome.json'], { 'hub/src/bad.ts': code });
    expect({ refused, named: output.includes(rule) }, output).toEqual({ refused: true, named: true });
  });
});

describe('the source rules of pnpm lint', () => {
  const rules = ['tools/source-rules.ts'];

  test('pass clean code, and tests that break them', () => {
    const files = { 'hub/src/fine.ts': 'export const x = 1;\n', 'hub/src/a.test.ts': 'JSON.parse(text);\n' };
    expect(runGate(rules, [], files)).toEqual({ refused: false, output: '' });
  });

  test.each([
    { rule: 'no-bare-json', code: 'export const f = (text: string): unknown => JSON.parse(text);\n' },
    {
      rule: 'compare-secrets-in-constant-time',
      code: 'export const f = (secret: string, given: string): boolean => given === secret;\n',
    },
  ])('refuse a planted violation of $rule', ({ rule, code }) => {
    const { refused, output } = runGate(rules, [], { 'hub/src/bad.ts': code });
    expect({ refused, named: output.includes(rule) }, output).toEqual({ refused: true, named: true });
  });

  test('refuse a permission that is not needed any more', () => {
    const { refused, output } = runGate(rules, [], { 'machinery/src/wire/json.ts': 'export const x = 1;\n' });
    expect({ refused, output: output.split(':')[0] }).toEqual({
      refused: true,
      output: 'machinery/src/wire/json.ts no-bare-json',
    });
  });
});

describe('pnpm typecheck', () => {
  const check = ['node_modules/typescript-7/bin/tsc', '--project', 'tsconfig.json'];
  const wrong: readonly { option: string; code: string }[] = [
    { option: 'strict', code: "export const x: number = 'a';\n" },
    { option: 'noUncheckedIndexedAccess', code: 'export const f = (list: string[]): string => list[0];\n' },
    { option: 'exactOptionalPropertyTypes', code: 'export const x: { a?: string } = { a: undefined };\n' },
    { option: 'erasableSyntaxOnly', code: 'export enum E {\n  A,\n}\n' },
  ];

  test('passes clean code', () => {
    expect(runGate(check, ['tsconfig.json'], { 'hub/src/fine.ts': 'export const x: number = 1;\n' })).toMatchObject({
      refused: false,
    });
  });

  test.each(wrong)('refuses what $option forbids', ({ code }) => {
    expect(runGate(check, ['tsconfig.json'], { 'hub/src/bad.ts': code })).toMatchObject({ refused: true });
  });
});

describe('pnpm knip', () => {
  const knip = ['node_modules/knip/bin/knip.js', '--config', 'knip.json', '--no-progress'];
  const frame = {
    'package.json': '{ "name": "planted", "type": "module" }\n',
    'knip.json': '{ "entry": ["index.ts"], "project": ["*.ts"] }\n',
  };

  test('refuses an unused export and an undeclared import', () => {
    const { refused, output } = runGate(knip, [], {
      ...frame,
      'index.ts':
        "import { used } from './lib.ts';\nimport nothing from 'undeclared';\nexport default [used, nothing];\n",
      'lib.ts': 'export const used = 1;\nexport const unused = 2;\n',
    });
    expect({ refused, unused: output.includes('unused'), undeclared: output.includes('undeclared') }, output).toEqual({
      refused: true,
      unused: true,
      undeclared: true,
    });
  });

  test('passes when everything is used and declared', () => {
    expect(runGate(knip, [], { ...frame, 'index.ts': 'export default 1;\n' })).toMatchObject({ refused: false });
  });
});
