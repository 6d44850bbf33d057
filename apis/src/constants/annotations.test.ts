import { expect, test } from 'vitest';
import { isPolicyValue, type PolicyAnnotation, policySyntax } from './annotations.ts';

test.each(Object.entries(policySyntax))(
  'DL-10, DL-32 the pattern of %s can stand in an expression of CEL',
  (_name, { pattern }) => {
    // A quote would end the text, and a line break is none that CEL takes.
    expect(pattern).not.toMatch(/['\n\r\t]/);
    expect(pattern).toMatch(/^\^.*\$$/);
  },
);

test.each<{ name: PolicyAnnotation; good: string[]; bad: string[] }>([
  { name: 'quarterdeck.dev/apply-wave', good: ['0', '-5', '999999'], bad: ['', '1.5', '+1', '1000000', ' 1'] },
  { name: 'quarterdeck.dev/health-deadline', good: ['1', '600'], bad: ['0', '-1', '1m'] },
  { name: 'quarterdeck.dev/take-over', good: ['Never', 'IfEqual', 'Always'], bad: ['never', 'Always '] },
  {
    name: 'quarterdeck.dev/ignore-fields',
    good: ['spec.replicas', '.spec.a[name="x y"].b:OnChange;\n spec.c ;', 'metadata.annotations["a.b/c"]'],
    bad: ['', 'spec.replicas:Once', 'spec;;spec', 'spec[', 'a b'],
  },
  {
    name: 'quarterdeck.dev/feedback-fields',
    good: ['ip=.status.ip', 'a=.x; b=.y[?(@.type=="Ready")].status\n'],
    bad: ['', 'ip', 'ip=status', '=.x', '1a=.x'],
  },
  { name: 'quarterdeck.dev/execute-as', good: ['shop/deployer'], bad: ['deployer', 'shop/', '/x', 'a/b/c', 'A/b'] },
])('DL-10 values of $name', ({ name, good, bad }) => {
  expect(good.filter((value) => !isPolicyValue(name, value))).toEqual([]);
  expect(bad.filter((value) => isPolicyValue(name, value))).toEqual([]);
});
