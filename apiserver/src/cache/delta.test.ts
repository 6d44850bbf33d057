import { expect, test } from 'vitest';
import { objectBody } from './body.ts';
import { applyDelta, deltaOf } from './delta.ts';

/** A Lease as an agent renews it, at a second of its minute. */
function lease(second: number): Buffer {
  const fields = { 'f:holderIdentity': {}, 'f:leaseDurationSeconds': {}, 'f:renewTime': {} };
  const managedFields = [
    {
      manager: 'quarterdeck-agent',
      operation: 'Update',
      apiVersion: 'coordination.k8s.io/v1',
      time: `2026-01-01T00:00:${second}Z`,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': fields },
    },
  ];
  const metadata = {
    name: 'member',
    namespace: 'member-m1',
    uid: '7e9a4a0e-6c8f-4a3e-8a55-3c1f4c1d7b10',
    managedFields,
  };
  const spec = { renewTime: `2026-01-01T00:00:${second}.123456Z`, holderIdentity: 'm1', leaseDurationSeconds: 40 };
  return Buffer.from(objectBody({ metadata, spec }));
}

test('KA-82 a renewed Lease takes a twentieth of its bytes', () => {
  const delta = deltaOf(lease(59), lease(10));
  expect(delta?.length).toBeLessThan(lease(59).length / 20);
  expect(applyDelta(delta ?? '', lease(10)).toString()).toBe(lease(59).toString());
});

test('KA-82 what is the same takes next to nothing', () => {
  const body = Buffer.alloc(1_000_000, 'x');
  expect(deltaOf(body, body)?.length).toBeLessThan(16);
});

test.each([
  { name: 'nothing in common', body: 'a'.repeat(500), base: 'b'.repeat(500) },
  {
    name: 'little in common',
    body: `${'a'.repeat(300)}${'c'.repeat(100)}`,
    base: `${'b'.repeat(300)}${'c'.repeat(100)}`,
  },
  { name: 'too short to gain anything', body: 'abcdefgh', base: 'abcdefgx' },
  { name: 'no base', body: 'a'.repeat(500), base: '' },
])('KA-82 a body is held whole where a delta is no gain: $name', ({ body, base }) => {
  expect(deltaOf(Buffer.from(body), Buffer.from(base))).toBeUndefined();
});

test('KA-82 a body in which everything differs a little is given up soon', () => {
  const base = Buffer.alloc(3_000_000);
  const body = Buffer.alloc(3_000_000);
  for (let at = 0; at < body.length; at++) [base[at], body[at]] = [at % 251, at % 241];
  expect(deltaOf(body, base)).toBeUndefined();
});
