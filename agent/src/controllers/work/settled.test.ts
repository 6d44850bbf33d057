import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSettled } from './settled.ts';

const wanted = { spec: { cpu: '1000m', items: [{ name: 'a', image: 'x' }], gone: null } };
const stored = {
  spec: { cpu: '1', items: [{ name: 'a', image: 'x', pull: 'Always' }], replicas: 1 },
  status: { ready: 1 },
};

test('WK-27 what the server made of a manifest is remembered, and others may go on', () => {
  const settled = createSettled();
  expect(settled.isAsRemembered('u', wanted, stored)).toBe(false);
  settled.remember('u', wanted, stored);
  const moved = {
    spec: { ...stored.spec, replicas: 5, items: [{ name: 'a', image: 'x', pull: 'Never' }] },
    status: { ready: 5 },
  };
  expect(settled.isAsRemembered('u', wanted, moved)).toBe(true);
});

test.each([
  { name: 'a field that the manifest names', live: { ...stored, spec: { ...stored.spec, cpu: '2' } } },
  { name: 'a list item', live: { ...stored, spec: { ...stored.spec, items: [{ name: 'a', image: 'y' }] } } },
  {
    name: 'the length of a list',
    live: { ...stored, spec: { ...stored.spec, items: [...stored.spec.items, { name: 'b' }] } },
  },
  { name: 'a field that is to be absent', live: { ...stored, spec: { ...stored.spec, gone: 'back' } } },
  { name: 'everything', live: undefined },
])('WK-27 a change of $name is drift', ({ live }) => {
  const settled = createSettled();
  settled.remember('u', wanted, stored);
  expect(settled.isAsRemembered('u', wanted, live)).toBe(false);
});

test('WK-27 another object, or another manifest, is not remembered', () => {
  const settled = createSettled();
  settled.remember('u', wanted, stored);
  expect(settled.isAsRemembered('v', wanted, stored)).toBe(false);
  expect(settled.isAsRemembered('u', { spec: { cpu: '1' } }, stored)).toBe(false);
});

test('WK-27 whatever was stored is as remembered', () => {
  const settled = createSettled();
  fc.assert(
    fc.property(fc.object(), fc.anything({ withBigInt: false }), (manifest, live) => {
      const value = JSON.parse(JSON.stringify(live ?? null)) as unknown;
      const asked = JSON.parse(JSON.stringify(manifest)) as Record<string, never>;
      settled.remember('u', asked, value);
      expect(settled.isAsRemembered('u', asked, value)).toBe(true);
    }),
  );
});
