import { expect, test } from 'vitest';
import { slabAllocator } from './allocate.ts';

test('KA-92 bodies that are loaded share slabs without sharing bytes, large ones stand alone', () => {
  const allocate = slabAllocator();
  const bodies = [10, 30_000, 32_000, 0, 200_000, 32_768, 32_768, 32_768, 32_768, 32_768, 32_768, 32_768, 7].map(
    (bytes, index) => allocate(bytes).fill(index),
  );
  for (const [index, body] of bodies.entries()) expect(body.every((byte) => byte === index)).toBe(true);
  expect(bodies[0]?.buffer).toBe(bodies[2]?.buffer);
  expect(bodies[4]?.buffer.byteLength).toBe(200_000);
  expect(bodies[12]?.buffer).not.toBe(bodies[0]?.buffer);
});
