import { caKeyHash } from '@quarterdeck/machinery';
import { testAuthority } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { Held } from './held.ts';
import { createIdentityReports, isOutdated } from './identity.ts';

const [first, second] = [testAuthority('one'), testAuthority('two')];
const { cert, key } = second.issue('agent');
const certificate: Held = { make: 'certificate', certificate: cert, key };
const both = first.cert + second.cert;
const trustedCAs = [caKeyHash(first.cert), caKeyHash(second.cert)];

test('RG-9 a report names the CAs that are trusted, and the one of them that issued the certificate', () => {
  const describe = createIdentityReports();
  const report = { make: 'certificate', trustedCAs, issuer: trustedCAs[1], expires: '2049-01-01T00:00:00Z' };
  expect(describe(both, certificate)).toEqual(report);
  const { issuer: _, ...unknown } = report;
  expect(describe(first.cert, certificate)).toEqual({ ...unknown, trustedCAs: [trustedCAs[0]] });
  const token: Held = { make: 'token', token: 't', account: 'a', issued: 0, expires: Date.UTC(2026, 0, 1) };
  expect(describe(both, token)).toEqual({ make: 'token', trustedCAs, expires: '2026-01-01T00:00:00Z' });
});

test('RG-9 nothing is read again while bundle and certificate are the same', () => {
  const describe = createIdentityReports();
  const report = describe(both, certificate);
  expect(describe(both, { ...certificate })).toBe(report);
  expect(describe(second.cert, certificate)).not.toEqual(report);
});

test.each([
  { name: 'of the signing CA', bundle: second.cert + first.cert, want: false },
  { name: 'of a CA that signs no more', bundle: both, want: true },
  { name: 'of a CA that is not trusted', bundle: first.cert, want: false },
])('RG-9 a certificate $name is outdated: $want', ({ bundle, want }) => {
  expect(isOutdated(createIdentityReports()(bundle, certificate))).toBe(want);
});
