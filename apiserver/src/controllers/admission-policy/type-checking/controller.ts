import { apiVersionOf, ignoreNotFound, type Stored, ValidatingAdmissionPolicy } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { policyResource } from '../../../admission/policy/policy-objects.ts';
import { isUnchecked, typeCheck } from '../../../admission/policy/type-check.ts';
import { getStoredObject } from '../../../authz/stored-object.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { followResource } from '../../follow-resource.ts';
import { createStoreWorker } from '../../store-worker.ts';

export interface PolicyTypeCheckingOptions extends ControllerContext {
  /** Acts as `validatingadmissionpolicy-status-controller`. */
  readonly policyClient: Client;
}

/** Policies -> what their expressions get wrong about the kinds that they name, in the status. KA-137c */
export function policyTypeChecking(options: PolicyTypeCheckingOptions): Background {
  const { policyClient, store, resources } = options;
  return createStoreWorker({
    ...options,
    name: 'validatingadmissionpolicy.type-checking',
    async follow(add, signal) {
      const addAll = () => {
        for (const { key } of store.list({ resource: policyResource }).entries) add(key.name);
      };
      await followResource(
        { ...options, resource: policyResource, onLoaded: addAll, onEvent: ({ entry }) => add(entry.key.name) },
        signal,
      );
    },
    async reconcile(name, signal) {
      const policy = getStoredObject(store, { resource: policyResource, namespace: '', name });
      if (policy === undefined || !isUnchecked(policy)) return;
      const expressionWarnings = typeCheck(policy, resources.kinds);
      const { metadata } = policy as unknown as Stored<ValidatingAdmissionPolicy>;
      const status = {
        observedGeneration: metadata.generation ?? 0,
        typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings },
      };
      const frame = { apiVersion: apiVersionOf(ValidatingAdmissionPolicy), kind: ValidatingAdmissionPolicy.kind };
      const next = { ...(policy as JsonObject), ...frame, status } as unknown as Stored<ValidatingAdmissionPolicy>;
      await ignoreNotFound(
        policyClient.update(ValidatingAdmissionPolicy, next, { fieldManager, subresource: 'status', signal }),
      );
    },
  });
}
