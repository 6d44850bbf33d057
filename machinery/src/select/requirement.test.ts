import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from './label-selector-text.ts';
import { matchesLabels, type Requirement, selectorToString } from './requirement.ts';
import { SelectorError } from './selector-error.ts';

const failure = (text: string): { message: string; position: number } => {
  try {
    parseLabelSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return { message: error.message, position: error.position };
    throw error;
  }
  throw new Error(`"${text}" was accepted`);
};

describe('parsing', () => {
  const one = (key: string, operator: Requirement['operator'], ...values: string[]): Requirement[] => [
    { key, operator, values },
  ];
  test.each<{ text: string; want: Requirement[] }>([
    { text: '', want: [] },
    { text: '  \t', want: [] },
    { text: 'k=v', want: one('k', '=', 'v') },
    { text: 'k==v', want: one('k', '=', 'v') },
    { text: ' k \n= v ', want: one('k', '=', 'v') },
    { text: 'k!=v', want: one('k', '!=', 'v') },
    { text: 'k=', want: one('k', '=', '') },
    { text: 'k', want: one('k', 'exists') },
    { text: '!k', want: one('k', '!') },
    { text: '! k', want: one('k', '!') },
    { text: 'k in (b, a,b)', want: one('k', 'in', 'a', 'b') },
    { text: 'k in (a,)', want: one('k', 'in', '', 'a') },
    { text: 'k notin(a)', want: one('k', 'notin', 'a') },
    { text: 'k>5', want: one('k', '>', '5') },
    { text: 'k < 7', want: one('k', '<', '7') },
    { text: 'in in (in)', want: one('in', 'in', 'in') },
    { text: 'notin=in', want: one('notin', '=', 'in') },
    { text: 'example.com/k=v', want: one('example.com/k', '=', 'v') },
    { text: 'b,a=1', want: [...one('b', 'exists'), ...one('a', '=', '1')] },
    { text: 'k in (,)', want: one('k', 'in', '') },
  ])('KA-81 $text', ({ text, want }) => {
    expect(parseLabelSelector(text)).toEqual(want);
  });

  test.each([
    { text: ',', position: 0 },
    { text: 'a,', position: 2 },
    { text: 'a,,b', position: 2 },
    { text: '!', position: 1 },
    { text: '!a=1', position: 2 },
    { text: 'a=b=c', position: 3 },
    { text: 'a b', position: 2 },
    { text: 'a in b', position: 5 },
    { text: 'a in (b', position: 7 },
    { text: 'a in ()', position: 0 },
    { text: 'x,a>many', position: 2 },
    { text: 'a>1.5', position: 0 },
    { text: 'a>9223372036854775808', position: 0 },
    { text: 'a>-1', position: 0 },
    { text: '-a=1', position: 0 },
    { text: '__proto__=x', position: 0 },
    { text: 'a=-', position: 0 },
    { text: `a=${'x'.repeat(64)}`, position: 0 },
    { text: `${'x'.repeat(64)}=a`, position: 0 },
    { text: 'Example.com/a=b', position: 0 },
    { text: 'a/b/c=d', position: 0 },
    { text: '/a=d', position: 0 },
    { text: 'a\u00a0=b', position: 0 },
  ])('KA-81 BI-9 "$text" is refused at $position', ({ text, position }) => {
    expect(failure(text)).toEqual({ message: expect.stringMatching(/./), position });
  });

  test('KA-81 the message names what was found and what was expected', () => {
    expect(failure('a in b').message).toBe('unable to parse label selector: found "b" at 5, expected "("');
    expect(failure('a,').message).toBe(
      'unable to parse label selector: found the end at 2, expected "!" or a label key',
    );
  });

  test('BI-9 ten thousand terms take linear time', () => {
    const text = Array.from({ length: 10_000 }, (_, index) => `k${index}=v`).join(',');
    expect(parseLabelSelector(text)).toHaveLength(10_000);
    const set = `k in (${Array.from({ length: 10_000 }, (_, index) => `v${index}`).join(',')})`;
    const requirements = parseLabelSelector(set);
    expect([matchesLabels(requirements, { k: 'v9999' }), matchesLabels(requirements, { k: 'w' })]).toEqual([
      true,
      false,
    ]);
  });
});

describe('matching', () => {
  const labels = { k: 'v', n: '6', empty: '', word: 'x1' };
  test.each([
    { text: '', yes: true },
    { text: 'k=v', yes: true },
    { text: 'k=w', yes: false },
    { text: 'absent=v', yes: false },
    { text: 'empty=', yes: true },
    { text: 'absent=', yes: false },
    { text: 'k!=v', yes: false },
    { text: 'k!=w', yes: true },
    { text: 'absent!=v', yes: true },
    { text: 'k in (u,v,w)', yes: true },
    { text: 'k in (u,w)', yes: false },
    { text: 'absent in (v)', yes: false },
    { text: 'k notin (v)', yes: false },
    { text: 'k notin (w)', yes: true },
    { text: 'absent notin (v)', yes: true },
    { text: 'k', yes: true },
    { text: 'absent', yes: false },
    { text: '!k', yes: false },
    { text: '!absent', yes: true },
    { text: 'n>5', yes: true },
    { text: 'n>6', yes: false },
    { text: 'n<7', yes: true },
    { text: 'word>0', yes: false },
    { text: 'absent<7', yes: false },
    { text: 'k=v,n>5,!absent', yes: true },
    { text: 'k=v,n>6', yes: false },
    { text: 'toString', yes: false },
  ])('KA-81 "$text" is $yes', ({ text, yes }) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(yes);
  });

  test('KA-81 an object without labels', () => {
    expect(matchesLabels(parseLabelSelector('!k'), undefined)).toBe(true);
    expect(matchesLabels(parseLabelSelector('k'), undefined)).toBe(false);
  });
});

test('KA-81 the text form is canonical', () => {
  expect(selectorToString(parseLabelSelector('z,!y, x in (b,a),w>5,v==1,u!=2,t notin (c)'))).toBe(
    '!y,t notin (c),u!=2,v=1,w>5,x in (a,b),z',
  );
});
