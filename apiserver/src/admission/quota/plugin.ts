import { apiError, StatusReason } from '@quarterdeck/apis';
import { forbiddenObject } from '../../authz/forbidden.ts';
import { ExpectationFailedError, type StorageKey, type WriteOperation } from '../../storage/storage.ts';
import type { AdmissionContext, AdmissionPlugin, Commit } from '../admission.ts';
import { chargeTo } from './charge.ts';
import { bodyWithUsed, computeUsed, createQuotaReader, quotaResource } from './stored-quotas.ts';
import { varyingResources } from './usage.ts';

/** Another process, or the controller, may write the same quota meanwhile. */
const attempts = 20;

/**
 * Charges quotas as objects are written: the new `status.used` is stored in the transaction of the object itself, so that no
 * two processes together exceed what is allowed, and what is refused leaves nothing behind. A dry run is checked and charges
 * nothing. What goes is given back by the controller. KA-60d, KA-119
 */
export function createQuotaAdmission(): AdmissionPlugin {
  const quotas = createQuotaReader();
  /** namespace -> the last charge there: one at a time, since each needs the outcome of the one before. */
  const turns = new Map<string, Promise<unknown>>();

  async function inTurn<T>(namespace: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(namespace);
    const turn = (before ?? Promise.resolve()).then(work, work);
    turns.set(namespace, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(namespace) === turn) turns.delete(namespace);
    }
  }

  async function charged<T>(attributes: ChargedAttributes, context: AdmissionContext, commit: Commit<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const operations = operationsOf(attributes, context);
      try {
        return await commit(operations);
      } catch (error) {
        const isLate = error instanceof ExpectationFailedError && operations.some(({ key }) => isSame(key, error.key));
        if (!isLate) throw error;
        if (attempt === attempts) {
          const message = 'the quotas of the namespace keep changing, try again';
          throw apiError(StatusReason.ServerTimeout, message, { retryAfterSeconds: 1 });
        }
        await context.store.fresh();
      }
    }
  }

  function operationsOf(attributes: ChargedAttributes, { store, now }: AdmissionContext): WriteOperation[] {
    const { group, resource, namespace, name, object, oldObject } = attributes;
    const of = { group, resource };
    return quotas.of(store, namespace).flatMap((stored): WriteOperation[] => {
      const { entry, quota } = stored;
      // A quota cannot change what it counts in the transaction that changes itself.
      if (group === '' && resource === quotaResource && entry.key.name === name) return [];
      const isComputed = [...quota.hard.keys()].every((hard) => quota.used.has(hard));
      const used = isComputed ? quota.used : computeUsed(store, namespace, quota, now);
      const charge = chargeTo({ ...quota, used }, { of, object, oldObject, now });
      if ('refusal' in charge) throw forbiddenObject({ group, plural: resource }, name, charge.refusal);
      if (charge.used === undefined) return [];
      return [{ type: 'put', key: entry.key, body: bodyWithUsed(stored, charge.used), expect: entry.revision }];
    });
  }

  return {
    name: 'ResourceQuota',
    handles: ({ operation, namespace, subresource, group, resource }) =>
      (operation === 'CREATE' || (operation === 'UPDATE' && group === '' && varyingResources.has(resource))) &&
      namespace !== '' &&
      subresource === '' &&
      !(resource === 'events' && (group === '' || group === 'events.k8s.io')),
    charge(attributes, context, commit) {
      if (quotas.of(context.store, attributes.namespace).length === 0) return commit([]);
      if (attributes.dryRun) return charged(attributes, context, commit);
      return inTurn(attributes.namespace, () => charged(attributes, context, commit));
    },
  };
}

const isSame = (a: StorageKey, b: StorageKey): boolean =>
  a.resource === b.resource && a.namespace === b.namespace && a.name === b.name;

type ChargedAttributes = Parameters<NonNullable<AdmissionPlugin['charge']>>[0];
