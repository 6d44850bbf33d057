import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep } from './next-step.ts';

const hour = 3_600_000;
const certificate = { notBefore: 0, notAfter: 30 * hour };

test('RG-41, RG-8 an outcast joins again with a token though its certificate is good, and asks for one without', () => {
  const of = { luck: 0, isOutcast: true };
  expect(nextStep(certificate, { ...of, hasToken: true }, hour)).toEqual({ do: 'join' });
  expect(nextStep(certificate, { ...of, hasToken: false }, hour)).toEqual({
    do: 'needToken',
    why: 'refused',
    until: hour + 10_000,
  });
});

test.each([
  { name: 'without a certificate and with a token it joins', has: undefined, token: true, at: 0, want: { do: 'join' } },
  {
    name: 'RG-8 without either it asks for a token',
    has: undefined,
    token: false,
    at: 5,
    want: { do: 'needToken', why: 'neverJoined', until: 10_005 },
  },
  {
    name: 'RG-6 a fresh certificate rests until its last third',
    has: certificate,
    token: true,
    at: hour,
    want: { do: 'rest', until: 20 * hour },
  },
  { name: 'RG-6 in the last third it renews', has: certificate, token: false, at: 20 * hour, want: { do: 'renew' } },
  {
    name: 'RG-8 an expired one joins again with a token',
    has: certificate,
    token: true,
    at: 30 * hour,
    want: { do: 'join' },
  },
  {
    name: 'RG-8 an expired one without a token says so',
    has: certificate,
    token: false,
    at: 30 * hour,
    want: { do: 'needToken', why: 'expired', until: 30 * hour + 10_000 },
  },
])('$name', ({ has, token, at, want }) => {
  expect(nextStep(has, { hasToken: token, luck: 0 }, at)).toEqual(want);
});

test('RG-6 whatever the luck, renewal falls into the last third, and before the end', () => {
  const span = fc.tuple(fc.nat(1e12), fc.integer({ min: 600_000, max: 1e11 }));
  fc.assert(
    fc.property(span, fc.double({ min: 0, max: 1, noNaN: true }), ([notBefore, life], luck) => {
      const notAfter = notBefore + life;
      const step = nextStep({ notBefore, notAfter }, { hasToken: false, luck }, notBefore);
      if (step.do !== 'rest') throw new Error(`it does ${step.do}`);
      expect(step.until).toBeGreaterThanOrEqual(Math.floor(notAfter - life / 3));
      expect(step.until).toBeLessThan(notAfter);
      expect(nextStep({ notBefore, notAfter }, { hasToken: false, luck }, step.until)).toEqual({ do: 'renew' });
    }),
  );
});

test('RG-9 a certificate of a CA that signs no more is renewed before its time', () => {
  const about = { hasToken: false, luck: 0, renewBy: 2 * hour };
  expect(nextStep(certificate, about, hour)).toEqual({ do: 'rest', until: 2 * hour });
  expect(nextStep(certificate, about, 2 * hour)).toEqual({ do: 'renew' });
});
