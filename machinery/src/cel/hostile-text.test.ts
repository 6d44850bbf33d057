import { expect, test } from 'vitest';
import { kubernetesCelEnvironment } from './libraries/kubernetes.ts';
import { durationFromText } from './schema-formats.ts';
import { type CelType, stringType } from './types.ts';

/**
 * What an expression costs is counted, but not what reading one text costs: of text that anybody may write into an object it
 * must take no longer than the text is long.
 */
const environment = kubernetesCelEnvironment();
const digits = '1'.repeat(600_000);

function evaluate(source: string, text: string): unknown {
  const variables: Record<string, CelType> = { text: stringType };
  const compiled = environment.compile(source, { variables });
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.program.evaluate((name) => (name === 'text' ? text : undefined)).value;
}

test.each([
  ['duration(text)', digits],
  ['duration(text)', `${digits}.${digits}`],
  ['double(text)', `${digits}x`],
  ['int(text)', `${digits}x`],
  ['timestamp(text)', digits],
  ['quantity(text)', `${'0'.repeat(1_000)}!`],
  ['quantity(text)', `1${'e'.repeat(1_000)}!`],
])('KA-102 KA-103 %s ends, whatever the text', (source, text) => {
  expect(() => evaluate(source, text)).toThrow();
});

test.each([digits, `1${' '.repeat(600_000)}`, `${digits} ${digits}`])(
  'KA-101d KA-103 a text of the format duration is read or refused in one pass',
  (text) => {
    expect(() => durationFromText(text)).toThrow('unable to parse');
  },
);
