import {
  CustomResourceDefinition,
  groupResourceName,
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
import { createFollowInstances, type FollowInstances, type FollowInstancesOptions } from './follow-instances.ts';

/** Until instances that are still there are deleted again, should that be needed: when the last one goes is heard at once. */
const cleanupRetryMs = 30_000;

export interface CrdControllerOptions {
  /** May read and write CRDs, and list and delete the instances of any: the server's own identity. */
  readonly crdClient: Client;
  readonly crds: Informer<CustomResourceDefinition>;
  /** What is left of the instances of a kind, without a second copy of them. */
  readonly store: FollowInstancesOptions['store'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Keeps the status of CRDs: accepted names, established or not; and when one is deleted, deletes its instances first. A
 * change of one concerns the others of its group, because a name may have become free. KA-95
 */
export function crdController(options: CrdControllerOptions): Controller {
  const { crdClient, crds, store, clock, logger, metrics } = options;
  const followInstances = createFollowInstances({ store, clock, logger, onChange: (name) => controller.enqueue(name) });
  const controller = createController({
    name: 'customresourcedefinition.lifecycle',
    reconciler: crdReconciler({ crdClient, crds, store, followInstances }),
    primary: crds,
    watches: [watching(crds, (crd) => othersOfGroup(crd, crds.list()))],
    clock,
    logger,
    metrics,
  });
  return controller;
}

interface CrdWorld extends Pick<CrdControllerOptions, 'crdClient' | 'crds' | 'store'> {
  readonly followInstances: FollowInstances;
}

/** One look at one CRD. Conflicts are thrown, for a quiet retry. */
function crdReconciler(world: CrdWorld): Reconciler {
  const { crdClient, crds, followInstances } = world;
  return {
    async reconcile(key, { signal, now }): Promise<Result> {
      if (isSettled(crds, key, now)) return Result.done;
      const crd = await ignoreNotFound(crdClient.get(CustomResourceDefinition, { name: key }, { signal }));
      if (crd === undefined) return Result.done;
      const seen = asJson(crd);
      const others = needsOthers(seen) ? await listCrds(crdClient, signal) : [];
      const step = decideCrd(seen, others, undefined, now);
      if (step.type !== 'deleteInstances') return commit(crdClient, step, signal);
      const instances = await deleteInstances(world, seen, signal);
      if (instances === 'remaining') {
        followInstances(key, resourceOf(seen), signal);
        return Result.after(cleanupRetryMs);
      }
      return commit(crdClient, decideCrd(seen, others, instances, now), signal);
    },
  };
}

/**
 * Whether there is nothing to do by what was last seen; if more has happened since, that brings the key back. Anything else is
 * decided by what the server says: two CRDs must not be given the same name.
 */
function isSettled(crds: Informer<CustomResourceDefinition>, key: ObjectKey, now: number): boolean {
  const crd = crds.get(key);
  if (crd === undefined) return false;
  const others = needsOthers(asJson(crd)) ? crds.list().map(asJson) : [];
  return decideCrd(asJson(crd), others, undefined, now).type === 'nothing';
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
async function deleteInstances(
  { crdClient, store }: CrdWorld,
  crd: JsonObject,
  signal: AbortSignal,
): Promise<Instances> {
  const resource = resourceOf(crd);
  await store.fresh(signal);
  const { entries } = store.list({ resource });
  const type = instanceType(crd);
  for (const namespace of new Set(entries.map(({ key }) => key.namespace))) {
    await crdClient.deleteCollection(type, { signal, ...(namespace === '' ? {} : { namespace }) });
  }
  return store.list({ resource, limit: 1 }).entries.length === 0 ? 'gone' : 'remaining';
}

/** As storage knows the instances of a CRD. */
const resourceOf = (crd: JsonObject): string =>
  groupResourceName({ group: groupOf(crd), plural: namesAt(crd, 'status', 'acceptedNames').plural });

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
