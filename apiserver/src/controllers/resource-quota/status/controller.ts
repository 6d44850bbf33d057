import { ignoreNotFound } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { readQuota } from '../../../admission/quota/quota.ts';
import { equalLists, readResourceList, resourceListObject } from '../../../admission/quota/resource-list.ts';
import { computeUsed, quotaResource } from '../../../admission/quota/stored-quotas.ts';
import { getStoredObject } from '../../../authz/stored-object.ts';
import { valueAt } from '../../../registry/fields.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { createStoreWorker } from '../../store-worker.ts';
import { ResourceQuota } from '../kind.ts';
import { followQuotas } from './follow.ts';

export interface QuotaStatusOptions extends ControllerContext {
  /** Acts as `resourcequota-controller`. */
  readonly quotaClient: Client;
}

/**
 * ResourceQuotas -> their status: what they allow and what is used. Admission charges what comes (admission/quota); here what
 * goes is given back. Everything is counted anew in one turn, of one state of the store, which the resourceVersion of
 * the write ties to the charges that were made until then. KA-119
 */
export function quotaStatus(options: QuotaStatusOptions): Background {
  const { quotaClient, store, clock } = options;
  return createStoreWorker({
    ...options,
    name: 'resourcequota.status',
    follow: (add, signal) => followQuotas(options, add, signal),
    async reconcile(key, signal) {
      const [namespace = '', name = ''] = key.split('/');
      const stored = getStoredObject(store, { resource: quotaResource, namespace, name });
      if (stored === undefined) return;
      const quota = readQuota(stored);
      const used = computeUsed(store, namespace, quota, clock.now());
      const isTold =
        equalLists(quota.used, used) && equalLists(readResourceList(valueAt(stored, 'status', 'hard')), quota.hard);
      if (isTold) return;
      const status = { hard: resourceListObject(quota.hard), used: resourceListObject(used) };
      const next = { ...stored, apiVersion: 'v1', kind: ResourceQuota.kind, status } as unknown as ResourceQuota;
      const call = { subresource: 'status', fieldManager, signal } as const;
      await ignoreNotFound(quotaClient.update(ResourceQuota, next, call));
    },
  });
}
