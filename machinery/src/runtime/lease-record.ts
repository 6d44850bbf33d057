import type { Lease, MicroTime } from '@quarterdeck/apis';
import type { EpochMs } from './clock.ts';

/** RFC 3339 with six fractional digits, as Leases carry it. KA-51 */
export function microTime(now: EpochMs): MicroTime {
  return new Date(now).toISOString().replace('Z', '000Z');
}

/** Who asks for a Lease, and for how long. */
export interface Claim {
  identity: string;
  leaseDurationMs: number;
  now: EpochMs;
}

/** The Lease object of a first holder. */
export function newLease(ref: { namespace: string; name: string }, claim: Claim): Lease {
  const time = microTime(claim.now);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: ref.namespace, name: ref.name },
    spec: {
      holderIdentity: claim.identity,
      leaseDurationSeconds: Math.ceil(claim.leaseDurationMs / 1000),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    },
  };
}

/** The Lease as a new holder writes it; keeps metadata (and with it resourceVersion) and fields of others. */
export function acquired<T extends Lease>(lease: T, claim: Claim): T {
  const time = microTime(claim.now);
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: claim.identity,
      leaseDurationSeconds: Math.ceil(claim.leaseDurationMs / 1000),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1,
    },
  };
}

export function renewed<T extends Lease>(lease: T, now: EpochMs): T {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(now) } };
}

/** The Lease without a holder: the next candidate need not wait. KA-142 */
export function released<T extends Lease>(lease: T, now: EpochMs): T {
  return { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) } };
}

export const holderOf = (lease: Lease): string => lease.spec?.holderIdentity ?? '';
