import { createKey, requestCertificate } from '@quarterdeck/agent/testing';
import {
  apiVersionOf,
  type Condition,
  conditionType,
  ignoreNotFound,
  isAlreadyExists,
  Lease,
  MemberCluster,
  MemberClusterReason,
  memberLeaseDurationSeconds,
  memberLeaseName,
  memberLeaseRenewSeconds,
  memberNamespaceName,
  propertyName,
  Work,
} from '@quarterdeck/apis';
import type { Hub } from '@quarterdeck/hub';
import { type Client, createHttpClient, microTime, systemClock } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';

/**
 * What the hub sees of a member that joins by the real protocol, says once that it is well, and renews its Lease, with no
 * cluster and no watches behind it: so that a test has dozens of them.
 */
export interface LightMember extends AsyncDisposable {
  /** As an agent does when all of a Work runs: one write. @param work its name */
  report(work: string): Promise<void>;
  /** As an agent does when all of a Work is gone that is being deleted. */
  release(work: string): Promise<void>;
}

const patience = { timeoutMs: 60_000 };

/** @param token one that this cluster may use */
export async function joinLightMember(hub: Hub, name: string, token: string): Promise<LightMember> {
  const baseUrl = hub.url;
  const key = createKey();
  await using bootstrap = createHttpClient({ baseUrl, tls: { ca: hub.caPem }, token });
  const signal = AbortSignal.timeout(120_000);
  const about = { hubClient: bootstrap, clusterName: name, key, clusterUID: `uid-${name}` };
  // As an agent does that is cut off while the hub has much to do: it asks again, with the same key.
  const cert = await eventually(() => requestCertificate({ ...about, clock: systemClock, signal }), patience);
  const client = createHttpClient({ baseUrl, tls: { ca: hub.caPem, cert, key } });
  const namespace = memberNamespaceName(name);
  // Its rights come a moment after its certificate.
  await eventually(() => createLease(client, name), patience);
  const how = { subresource: 'status', fieldManager: 'quarterdeck-agent', force: true } as const;
  await eventually(() => client.apply(MemberCluster, wellBeing(name), how), patience);
  const renewing = setInterval(() => renew(client, namespace), memberLeaseRenewSeconds * 1_000);
  return {
    async report(work) {
      await eventually(async () => {
        const found = await client.get(Work, { namespace, name: work });
        return client.update(Work, { ...found, status: { conditions: done(found) } }, { subresource: 'status' });
      }, patience);
    },
    async release(work) {
      await eventually(async () => {
        const found = await ignoreNotFound(client.get(Work, { namespace, name: work }));
        if (found === undefined) return true;
        return client.update(Work, { ...found, metadata: { ...found.metadata, finalizers: [] } });
      }, patience);
    },
    [Symbol.asyncDispose]() {
      clearInterval(renewing);
      return client[Symbol.asyncDispose]();
    },
  };
}

function firstLease(name: string): Lease {
  const renewTime = microTime(systemClock.now());
  return {
    apiVersion: apiVersionOf(Lease),
    kind: Lease.kind,
    metadata: { name: memberLeaseName, namespace: memberNamespaceName(name) },
    spec: { holderIdentity: name, leaseDurationSeconds: memberLeaseDurationSeconds, renewTime, acquireTime: renewTime },
  };
}

/** One that was made by a request whose answer was lost is as good. */
async function createLease(client: Client, name: string): Promise<true> {
  try {
    await client.create(Lease, firstLease(name));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return true;
}

/** One that fails is one that is missed; the next comes. */
function renew(client: Client, namespace: string): void {
  const body = { spec: { renewTime: microTime(systemClock.now()) } };
  client.patch(Lease, { namespace, name: memberLeaseName }, { type: 'merge', body }).catch(() => undefined);
}

const conditionOf = (type: string, reason: string): Condition => ({
  type,
  status: 'True',
  reason,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

const wellBeing = (name: string) => ({
  apiVersion: apiVersionOf(MemberCluster),
  kind: MemberCluster.kind,
  metadata: { name },
  status: {
    version: { kubernetes: '1.35.4' },
    properties: [{ name: propertyName.clusterId, value: name, lastObservedTime: '2026-01-01T00:00:00Z' }],
    conditions: [conditionOf(conditionType.MemberCluster.ControlPlaneHealthy, MemberClusterReason.Healthy)],
  },
});

const done = ({ metadata: { generation = 0 } }: Work): Condition[] =>
  [conditionType.Work.Applied, conditionType.Work.Available].map((type) => ({
    ...conditionOf(type, 'Done'),
    observedGeneration: generation,
  }));
