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
import { suggestedFlowSchemas, suggestedPriorityLevels } from '../builtin/policy/suggested-flow-control.ts';
import type { Registry } from '../registry/registry.ts';
import { autoUpdateAnnotation } from './flow-schema/suggested/decide.ts';

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

/** One that Kubernetes suggests, with the spec that it has in this release. */
export interface SuggestedObject extends Wanted {
  readonly content: { readonly spec: JsonObject };
}

export const suggestedObjects: readonly SuggestedObject[] = Object.freeze([
  ...Object.entries(suggestedPriorityLevels).map(([name, spec]) => ({ type: types.levels, name, content: { spec } })),
  ...Object.entries(suggestedFlowSchemas).map(([name, spec]) => ({ type: types.schemas, name, content: { spec } })),
]);

/** As it is made where it is not there. KA-2 */
export const suggestedObject = (wanted: SuggestedObject): KubeObject =>
  objectOf(wanted, { annotations: { [autoUpdateAnnotation]: 'true' } });

const objectOf = ({ type, name, content }: Wanted, metadata: KubeObject['metadata'] = {}) => ({
  apiVersion: `${type.group}/${type.version}`,
  kind: type.kind,
  metadata: { ...metadata, name },
  ...content,
});

const wanted: readonly Wanted[] = [
  ...Object.entries(mandatoryPriorityLevels).map(([name, spec]) => ({ type: types.levels, name, content: { spec } })),
  ...Object.entries(mandatoryFlowSchemas).map(([name, spec]) => ({ type: types.schemas, name, content: { spec } })),
  ...Object.entries(systemPriorities).map(([name, value]) => ({ type: types.classes, name, content: { value } })),
];

/**
 * Makes the objects that every server has of the kinds that it serves: the flow schemas and priority levels `exempt` and
 * `catch-all`, the system's priority classes, and the flow schemas and levels that are suggested. What the former say cannot
 * be changed, so one that is there is right; of the latter a controller takes care. Safe at every start, and on several hubs
 * at once. KA-2, KA-148
 */
export async function ensureMandatoryObjects(
  client: Client,
  registry: Pick<Registry, 'byStorageName'>,
  signal?: AbortSignal,
): Promise<void> {
  const objects = [
    ...wanted.map((each) => ({ type: each.type, object: objectOf(each) })),
    ...suggestedObjects.map((each) => ({ type: each.type, object: suggestedObject(each) })),
  ];
  const served = objects.filter(({ type }) => registry.byStorageName(groupResourceName(type)) !== undefined);
  await Promise.all(
    served.map(async ({ type, object }) => {
      try {
        await client.create(type, object, signal === undefined ? {} : { signal });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
    }),
  );
}
