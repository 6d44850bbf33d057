import { expect, test } from 'vitest';
import { type Shape, worthwhile } from './api-list-shapes.ts';

const asked = { server: 'quarterdeck', shape: { name: 'full' }, size: 1_000, atOnce: 1 } as const;
const paged: Pick<Shape, 'name'> = { name: 'pages of 500' };

test.each([
  { name: 'small lists are read more often', more: {}, want: 20 },
  { name: 'by many at once less often', more: { atOnce: 16 }, want: 1 },
  { name: 'the largest once', more: { size: 100_000, atOnce: 16 }, want: 1 },
  { name: 'the largest in pages by one', more: { size: 100_000, shape: paged }, want: 1 },
  { name: 'the largest in pages not by many', more: { size: 100_000, shape: paged, atOnce: 16 }, want: 0 },
  {
    name: 'of kube-apiserver less',
    more: { server: 'kube-apiserver', size: 10_000, shape: paged, atOnce: 16 } as const,
    want: 0,
  },
])('$name', ({ more, want }) => expect(worthwhile({ ...asked, ...more })).toBe(want));
