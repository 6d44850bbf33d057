import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createContinueTokens } from './continue-token.ts';

const tokens = createContinueTokens(Buffer.alloc(32, 1));
const badRequest = expect.objectContaining({ reason: 'BadRequest' });
const namespace = fc.stringMatching(/^[a-z0-9-]{0,8}$/);
const position = fc.record({
  revision: fc.maxSafeNat(),
  // Names of RBAC kinds hold nearly anything, other scripts too.
  after: fc.record({ namespace, name: fc.string({ minLength: 1, unit: 'grapheme' }) }),
});
const scope = fc.constantFrom('configmaps/a', 'secrets/a', 'configmaps/');

test('KA-82 a token brings any position back', () => {
  fc.assert(
    fc.property(scope, position, (list, place) => {
      expect(tokens.read(list, tokens.write(list, place))).toEqual(place);
    }),
  );
});

test('BI-12 a token with any other byte, and any other text, is refused', () => {
  fc.assert(
    fc.property(scope, position, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, place, at, change) => {
      const bytes = Buffer.from(tokens.write(list, place), 'base64url');
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ change;
      expect(() => tokens.read(list, bytes.toString('base64url'))).toThrow(badRequest);
    }),
  );
  fc.assert(
    fc.property(scope, fc.oneof(fc.string(), fc.base64String()), (list, text) => {
      expect(() => tokens.read(list, text)).toThrow(badRequest);
    }),
  );
});
