import {
  CustomResourceDefinition,
  ignoreNotFound,
  type ResourceType,
  resourceType,
  type Scope,
  type Stored,
} from '@quarterdeck/apis';
import {
  type Client,
  type Clock,
  type Controller,
  createController,
  type Informer,
  type JsonObject,
  type Logger,
  type Metrics,
  type ObjectKey,
  type Reconciler,
  Result,
  watching,
} from '@quarterdeck/machinery';
import { fieldManager } from '../controllers/context.ts';
import { stringAt } from '../registry/fields.ts';
import { groupOf, namesAt, storageVersionOf } from './crd-object.ts';
import { type CrdStep, decideCrd, type Instances, needsOthers } from './crd-status.ts';

/** Until the instances are looked at again; some wait for finalizers of their own. */
const cleanupRetryMs = 1_000;

export interface CrdControllerOptions {
  /** May read and write CRDs, and list and delete the instances of any: the server's own identity. */
  readonly crdClient: Client;
  readonly crds: Informer<CustomResourceDefinition>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Keeps the status of CRDs: accepted names, established or not; and when one is deleted, deletes its instances first. A
 * change of one concerns the others of its group, because a name may have become free. KA-95
 */
export function crdController(options: CrdControllerOptions): Controller {
  const { crdClient, crds, clock, logger, metrics } = options;
  return createController({
    name: 'customresourcedefinition.lifecycle',
    reconciler: crdReconciler(crdClient),
    primary: crds,
    watches: [watching(crds, (crd) => othersOfGroup(crd, crds.list()))],
    clock,
    logger,
    metrics,
  });
}

/** One look at one CRD. Conflicts are thrown, for a quiet retry. */
function crdReconciler(crdClient: Client): Reconciler {
  return {
    async reconcile(key, { signal, now }): Promise<Result> {
      const crd = await ignoreNotFound(crdClient.get(CustomResourceDefinition, { name: key }, { signal }));
      if (crd === undefined) return Result.done;
      const seen = asJson(crd);
      const others = needsOthers(seen) ? await listCrds(crdClient, signal) : [];
      const step = decideCrd(seen, others, undefined, now);
      if (step.type !== 'deleteInstances') return commit(crdClient, step, signal);
      const instances = await deleteInstances(crdClient, seen, signal);
      if (instances === 'remaining') return Result.after(cleanupRetryMs);
      return commit(crdClient, decideCrd(seen, others, instances, now), signal);
    },
  };
}

async function listCrds(crdClient: Client, signal: AbortSignal): Promise<JsonObject[]> {
  const { items } = await crdClient.list(CustomResourceDefinition, { signal });
  return items.map(asJson);
}

async function commit(crdClient: Client, step: CrdStep, signal: AbortSignal): Promise<Result> {
  switch (step.type) {
    case 'nothing':
    case 'deleteInstances':
      return Result.done;
    case 'status':
      await crdClient.update(CustomResourceDefinition, asCrd(step.crd), {
        signal,
        fieldManager,
        subresource: 'status',
      });
      return Result.done;
    case 'release':
      await crdClient.update(CustomResourceDefinition, asCrd(step.crd), { signal, fieldManager });
      return Result.done;
    default:
      return step satisfies never;
  }
}

/** Deletes what there is, namespace by namespace, and tells whether anything is left. */
async function deleteInstances(crdClient: Client, crd: JsonObject, signal: AbortSignal): Promise<Instances> {
  const type = instanceType(crd);
  const { items } = await crdClient.list(type, { signal });
  if (items.length === 0) return 'gone';
  for (const namespace of new Set(items.map((item) => item.metadata.namespace))) {
    await crdClient.deleteCollection(type, { signal, ...(namespace === undefined ? {} : { namespace }) });
  }
  const left = await crdClient.list(type, { signal, limit: 1 });
  return left.items.length === 0 ? 'gone' : 'remaining';
}

/** The instances of a CRD, in the version that is served as long as there are any. */
function instanceType(crd: JsonObject): ResourceType {
  const { plural, kind } = namesAt(crd, 'status', 'acceptedNames');
  const scope = stringAt(crd, 'spec', 'scope') as Scope;
  return resourceType(groupOf(crd), storageVersionOf(crd) ?? '', kind, plural, scope);
}

function othersOfGroup(crd: CustomResourceDefinition, all: readonly CustomResourceDefinition[]): ObjectKey[] {
  return all
    .filter((other) => other.spec.group === crd.spec.group && other.metadata.name !== crd.metadata.name)
    .map((other) => other.metadata.name ?? '');
}

const asJson = (crd: Stored<CustomResourceDefinition>) => crd as unknown as JsonObject;
const asCrd = (crd: JsonObject) => crd as unknown as CustomResourceDefinition;
