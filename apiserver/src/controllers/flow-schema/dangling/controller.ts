import { ignoreNotFound, type KubeObject, resourceType, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { getStoredObject } from '../../../authz/stored-object.ts';
import { flowSchemas, priorityLevels } from '../../../flowcontrol/flow-control.ts';
import { stringAt } from '../../../registry/fields.ts';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { followResource } from '../../follow-resource.ts';
import { createStoreWorker } from '../../store-worker.ts';
import { decide } from './decide.ts';

const group = 'flowcontrol.apiserver.k8s.io';
const FlowSchema = resourceType<KubeObject>(group, 'v1', 'FlowSchema', 'flowschemas', 'Cluster');

export interface DanglingSchemasOptions extends ControllerContext {
  /** Acts as `flow-schema-controller`. */
  readonly schemasClient: Client;
}

/** FlowSchemas -> their condition Dangling. KA-142 */
export function danglingSchemas(options: DanglingSchemasOptions): Background {
  const { schemasClient, store, clock } = options;
  return createStoreWorker({
    ...options,
    name: 'flowschema.dangling',
    async follow(add, signal) {
      const addAll = () => {
        for (const { key } of store.list({ resource: flowSchemas }).entries) add(key.name);
      };
      const one = { ...options, onLoaded: addAll };
      await Promise.all([
        followResource({ ...one, resource: flowSchemas, onEvent: ({ entry }) => add(entry.key.name) }, signal),
        // A level that comes or goes may concern any schema; there are few of both.
        followResource({ ...one, resource: priorityLevels, onEvent: addAll }, signal),
      ]);
    },
    async reconcile(name, signal) {
      const schema = getStoredObject(store, { resource: flowSchemas, namespace: '', name });
      if (schema === undefined) return;
      const level = stringAt(schema, 'spec', 'priorityLevelConfiguration', 'name');
      const hasLevel = store.get({ resource: priorityLevels, namespace: '', name: level }) !== undefined;
      const next = decide({ schema, hasLevel }, clock.now());
      if (next === undefined) return;
      const object = { ...next, apiVersion: `${group}/v1`, kind: FlowSchema.kind } as unknown as Stored<KubeObject>;
      await ignoreNotFound(schemasClient.update(FlowSchema, object, { subresource: 'status', fieldManager, signal }));
    },
  });
}
