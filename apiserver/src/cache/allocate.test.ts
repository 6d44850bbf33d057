import { expect, test } from 'vitest';
import { slabAllocator } from './allocate.ts';

test('KA-92 bodies that are loaded share slabs without sharing bytes, large ones stand alone', () => {
  const allocate = slabAllocator();
  const bodies = [10, 30_000, 32_000, 0, 200_000, 32_768, 32_768, 32_768, 32_768, 32_768, 32_768, 32_768, 7].map(
    (bytes, index) => allocate(bytes).fill(index),
  );
  for (const [index, body] of bodies.entries()) expect(body.every((byte) => byte === index)).toBe(true);
  // Compared by themselves: a difference between such buffers takes minutes to be shown.
  const share = (one: number, other: number) => bodies[one]?.buffer === bodies[other]?.buffer;
  expect([share(1, 2), share(2, 5), share(6, 7), share(0, 12)]).toEqual([false, true, true, false]);
  expect(bodies[4]?.buffer.byteLength).toBe(200_000);
});

test('KA-92 little that is loaded takes little memory, and much is in few pieces', () => {
  const held = (count: number, bytes: number) => {
    const allocate = slabAllocator();
    const slabs = new Set(Array.from({ length: count }, () => allocate(bytes).buffer));
    return [slabs.size, [...slabs].reduce((sum, { byteLength }) => sum + byteLength, 0)];
  };
  const kib = 1024;
  expect(held(1, 600)).toEqual([1, 16 * kib]);
  expect(held(56, 600)).toEqual([2, 48 * kib]);
  expect(held(10_000, 4 * kib)).toEqual([160, (16 + 32 + 64 + 128 + 156 * 256) * kib]);
});
