import type { CertificateSigningRequest } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { deletionTime } from './decide.ts';

const created = '2026-01-01T00:00:00Z';
const later = '2026-01-01T02:00:00Z';
const hours = (count: number) => Date.parse(created) + count * 3_600_000;
const condition = (type: 'Approved' | 'Denied' | 'Failed', lastUpdateTime?: string) => ({
  type,
  status: 'True' as const,
  ...(lastUpdateTime === undefined ? {} : { lastUpdateTime }),
});

test.each([
  { name: 'KA-134 open: a day after it was made', status: {}, want: hours(24) },
  { name: 'KA-134 denied: an hour after', status: { conditions: [condition('Denied', later)] }, want: hours(3) },
  {
    name: 'KA-134 failed: an hour after',
    status: { conditions: [condition('Approved', created), condition('Failed', later)] },
    want: hours(3),
  },
  {
    name: 'KA-134 issued: an hour after approval',
    status: { conditions: [condition('Approved', later)], certificate: 'x' },
    want: hours(3),
  },
  {
    name: 'KA-134 approved, never signed: a day after approval',
    status: { conditions: [condition('Approved', later)] },
    want: hours(26),
  },
  {
    name: 'KA-134 a condition without a time counts from creation',
    status: { conditions: [condition('Denied')] },
    want: hours(1),
  },
])('$name', ({ status, want }) => {
  const csr: CertificateSigningRequest = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'x', creationTimestamp: created },
    spec: { request: '', signerName: 's' },
    status,
  };
  expect(deletionTime(csr, undefined)).toBe(want);
  expect(deletionTime(csr, hours(0.5))).toBe(hours(0.5));
});
