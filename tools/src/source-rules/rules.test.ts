import { describe, expect, test } from 'vitest';
import { checkSource, type SourceRule, unneeded } from './rules.ts';

const rulesOf = (source: string): SourceRule[] => checkSource('hub/src/a.ts', source).map(({ rule }) => rule);

describe('source rules', () => {
  test.each([
    'const x = JSON.parse(text);',
    'send(JSON.stringify(object));',
    'values.map(JSON.parse)',
    'JSON . stringify (x)',
  ])('bare JSON is found in %s', (source) => expect(rulesOf(source)).toEqual(['no-bare-json']));

  test.each(['encodeJson(x)', '// JSON.parse is slower', ' * JSON.stringify(x)', 'const toJSON = parse(x)'])(
    'no bare JSON is found in %s',
    (source) => expect(rulesOf(source)).toEqual([]),
  );

  test.each([
    'if (given === secret) return;',
    'return stored.token !== given;',
    'if (data.get(key) == this.password) go();',
    'const ok = (a && signature === expected);',
    'if (sign(scope, payload).digest() === given) go();',
  ])('BI-26 an ordinary comparison of secrets is found in %s', (source) => {
    expect(rulesOf(source)).toEqual(['compare-secrets-in-constant-time']);
  });

  test.each([
    'if (token === undefined) return;',
    "if (secret !== '') go();",
    'if (type === secretType) go();',
    'if (null == password) go();',
    'return timingSafeEqual(hash(secret), hash(given)) && given.length === 32;',
    'const next = (token) => token;',
  ])('BI-26 no comparison of secrets is found in %s', (source) => expect(rulesOf(source)).toEqual([]));

  test('a permission that is not needed is named', () => {
    const found = checkSource('hub/src/a.ts', 'JSON.parse(x)');
    const allowed = {
      'no-bare-json': { 'hub/src/a.ts': 'needed', 'hub/src/b.ts': 'not needed' },
      'compare-secrets-in-constant-time': {},
    };
    expect(unneeded(found, allowed)).toEqual([{ rule: 'no-bare-json', file: 'hub/src/b.ts' }]);
  });
});
