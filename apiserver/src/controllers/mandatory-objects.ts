import {
  groupResourceName,
  isAlreadyExists,
  type KubeObject,
  type ResourceType,
  resourceType,
} from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../builtin/policy/mandatory-flow-control.ts';
import { systemPriorities } from '../builtin/policy/priority-classes.ts';
import type { Registry } from '../registry/registry.ts';

const flowControl = 'flowcontrol.apiserver.k8s.io';
const types = {
  schemas: resourceType<KubeObject>(flowControl, 'v1', 'FlowSchema', 'flowschemas', 'Cluster'),
  levels: resourceType<KubeObject>(
    flowControl,
    'v1',
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'Cluster',
  ),
  classes: resourceType<KubeObject>('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', 'Cluster'),
};

interface Wanted {
  readonly type: ResourceType<KubeObject>;
  readonly name: string;
  readonly content: JsonObject;
}

const wanted: readonly Wanted[] = [
  ...Object.entries(mandatoryPriorityLevels).map(([name, spec]) => ({ type: types.levels, name, content: { spec } })),
  ...Object.entries(mandatoryFlowSchemas).map(([name, spec]) => ({ type: types.schemas, name, content: { spec } })),
  ...Object.entries(systemPriorities).map(([name, value]) => ({ type: types.classes, name, content: { value } })),
];

/**
 * Makes the objects that every server has of the kinds that it serves: the flow schemas and priority levels `exempt` and
 * `catch-all`, and the system's priority classes. What they say cannot be changed, so one that is there is right. Safe at
 * every start, and on several hubs at once. KA-2, KA-148
 */
export async function ensureMandatoryObjects(
  client: Client,
  registry: Pick<Registry, 'byStorageName'>,
  signal?: AbortSignal,
): Promise<void> {
  const served = wanted.filter(({ type }) => registry.byStorageName(groupResourceName(type)) !== undefined);
  await Promise.all(
    served.map(async ({ type, name, content }) => {
      const object = { apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata: { name }, ...content };
      try {
        await client.create(type, object, signal === undefined ? {} : { signal });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }),
  );
}
