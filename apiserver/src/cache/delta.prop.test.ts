import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyDelta, deltaOf } from './delta.ts';

const piece = fc.uint8Array({ maxLength: 60 });
/** Bodies that have pieces in common, in any order, some of them longer than what is compared at once. */
const bodies = fc
  .array(fc.oneof(piece, fc.constant(new Uint8Array(700).fill(0x61))), { minLength: 1, maxLength: 6 })
  .chain((pieces) => {
    const body = fc
      .array(fc.oneof(fc.constantFrom(...pieces), piece), { maxLength: 8 })
      .map((parts) => Buffer.concat(parts));
    return fc.tuple(body, body);
  });

test('KA-87 a past state is read as it was, whatever came after it', () => {
  fc.assert(
    fc.property(bodies, ([body, base]) => {
      const delta = deltaOf(body, base);
      if (delta === undefined) return;
      expect(delta.length).toBeLessThanOrEqual(body.length / 2 + 16);
      expect(applyDelta(delta, base).equals(body)).toBe(true);
    }),
  );
});

test('KA-87 what was inserted, taken out or replaced in a long body is all that its delta writes out', () => {
  const text = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), minLength: 400, maxLength: 3_000 });
  const edit = fc.record({ at: fc.nat(), out: fc.nat({ max: 40 }), put: fc.string({ maxLength: 40 }) });
  fc.assert(
    fc.property(text, edit, (base, { at, out, put }) => {
      const start = at % base.length;
      const body = Buffer.from(base.slice(0, start) + put + base.slice(start + out));
      const delta = deltaOf(body, Buffer.from(base));
      if (body.length > 400) expect(delta?.length).toBeLessThan(200);
      if (delta !== undefined) expect(applyDelta(delta, Buffer.from(base))).toEqual(body);
    }),
  );
});
