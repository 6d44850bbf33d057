import { expect, test } from 'vitest';
import { workOfSize } from './work.ts';

test('a Work has the size that was asked for, whatever its name', () => {
  for (const name of ['a', 'run-3-19999']) {
    const text = workOfSize({ namespace: 'bench-0', name, bytes: 4_600 });
    expect(Buffer.byteLength(text)).toBe(4_600);
    expect(JSON.parse(text).metadata).toEqual({ name, namespace: 'bench-0', labels: { app: 'bench', run: name } });
  }
});

test('a size that its manifests do not fit in is refused', () => {
  expect(() => workOfSize({ namespace: 'n', name: 'a', bytes: 500 })).toThrow(RangeError);
});
