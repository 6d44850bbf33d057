import { ignoreNotFound, type ResourceType, resourceType, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { getStoredObject } from '../../../authz/stored-object.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { followResource } from '../../follow-resource.ts';
import { createStoreWorker } from '../../store-worker.ts';
import { type ApiService, decide, wantedServices } from './decide.ts';

const ApiServices: ResourceType<ApiService> = resourceType(
  'apiregistration.k8s.io',
  'v1',
  'APIService',
  'apiservices',
  'Cluster',
);
const resource = 'apiservices.apiregistration.k8s.io';

export interface LocalServicesOptions extends ControllerContext {
  /** Acts as `apiservice-controller`. */
  readonly servicesClient: Client;
}

/** Served group versions -> one APIService each, which says that it is served here. KA-2 */
export function localServices(options: LocalServicesOptions): Background {
  const { servicesClient, store, resources, clock } = options;
  const wanted = () => {
    const groups = resources.groups();
    // A server without the kind has nothing to tell.
    if (!groups.some(({ name }) => name === ApiServices.group)) return new Map<string, ApiService>();
    const custom = new Set(groups.filter(({ isCustom }) => isCustom).map(({ name }) => name));
    return wantedServices(groups, (group) => custom.has(group));
  };

  return createStoreWorker({
    ...options,
    name: 'apiservice.local',
    async follow(add, signal) {
      const addAll = () => {
        for (const name of wanted().keys()) add(name);
        for (const { key } of store.list({ resource }).entries) add(key.name);
      };
      using _registration = resources.onChange(addAll);
      await followResource(
        { ...options, resource, onLoaded: addAll, onEvent: ({ entry }) => add(entry.key.name) },
        signal,
      );
    },
    async reconcile(name, signal) {
      const object = getStoredObject(store, { resource, namespace: '', name });
      const frame = { apiVersion: 'apiregistration.k8s.io/v1', kind: ApiServices.kind };
      const stored = object === undefined ? undefined : ({ ...object, ...frame } as unknown as Stored<ApiService>);
      const decision = decide({ stored, wanted: wanted().get(name) }, clock.now());
      const call = { fieldManager, signal };
      switch (decision.type) {
        case 'nothing':
          return;
        case 'create':
          await servicesClient.create(ApiServices, decision.object, call);
          return;
        case 'delete': {
          const preconditions = stored === undefined ? {} : { uid: stored.metadata.uid };
          await ignoreNotFound(servicesClient.delete(ApiServices, { name }, { preconditions, signal }));
          return;
        }
        case 'update':
          await ignoreNotFound(servicesClient.update(ApiServices, decision.object, call));
          return;
        case 'status':
          await ignoreNotFound(servicesClient.update(ApiServices, decision.object, { ...call, subresource: 'status' }));
          return;
        default:
          decision satisfies never;
      }
    },
  });
}
