import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenObject } from '../authz/forbidden.ts';
import { getStoredObject, readStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from '../registry/fields.ts';
import type { AdmissionPlugin } from './admission.ts';

/** How long a pod stays on a node that does not answer, when it does not say. */
const patienceSeconds = 300;
const unhealthyTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/**
 * What a pod gets of the classes that it names: its priority, the overhead and the nodes of its runtime, and tolerations
 * of nodes that fail. A class that does not exist refuses the pod. KA-2, KA-3
 */
export const podClassesPlugin: AdmissionPlugin = {
  name: 'PodClasses',
  handles: ({ operation, group, resource, subresource }) =>
    operation === 'CREATE' && group === '' && resource === 'pods' && subresource === '',
  mutate({ name, object }, { store }) {
    const refuse = (why: string) => forbiddenObject({ group: '', plural: 'pods' }, name, why);
    const spec = withTolerations(objectAt(object, 'spec'));
    const runtime = stringAt(spec, 'runtimeClassName');
    const runtimeClass =
      runtime === ''
        ? {}
        : getStoredObject(store, { resource: 'runtimeclasses.node.k8s.io', namespace: '', name: runtime });
    if (runtimeClass === undefined) throw refuse(`pod rejected: RuntimeClass "${runtime}" not found`);
    const priority = priorityOf(store, stringAt(spec, 'priorityClassName'));
    if (priority === undefined) {
      throw refuse(`no PriorityClass with name ${stringAt(spec, 'priorityClassName')} was found`);
    }
    const asked = numberAt(spec, 'priority');
    if (asked !== undefined && asked !== priority.value) {
      throw refuse(
        `the integer value of priority (${asked}) must not be provided in pod spec; priority admission controller computed ${priority.value} from the given PriorityClass name`,
      );
    }
    const classed: JsonObject = {
      ...spec,
      ...(priority.name === '' ? {} : { priorityClassName: priority.name }),
      priority: priority.value,
      preemptionPolicy: valueAt(spec, 'preemptionPolicy') ?? priority.preemptionPolicy,
    };
    return { ...object, spec: withRuntime(classed, runtimeClass) };
  },
};

function withTolerations(spec: JsonObject): JsonObject {
  const own = objectsAt(spec, 'tolerations');
  const missing = unhealthyTaints.filter(
    (key) =>
      !own.some(
        (one) => ['', key].includes(stringAt(one, 'key')) && ['', 'NoExecute'].includes(stringAt(one, 'effect')),
      ),
  );
  if (missing.length === 0) return spec;
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: patienceSeconds,
  }));
  return { ...spec, tolerations: [...own, ...added] };
}

interface Priority {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string;
}

/** Of the named class, else of the default one, else none; undefined when the named class does not exist. */
function priorityOf(store: Store, name: string): Priority | undefined {
  const resource = 'priorityclasses.scheduling.k8s.io';
  const read = (found: JsonObject): Priority => ({
    name: stringAt(found, 'metadata', 'name'),
    value: numberAt(found, 'value') ?? 0,
    preemptionPolicy: stringAt(found, 'preemptionPolicy') || 'PreemptLowerPriority',
  });
  if (name !== '') {
    const found = getStoredObject(store, { resource, namespace: '', name });
    return found === undefined ? undefined : read(found);
  }
  const byDefault = store
    .list({ resource })
    .entries.filter(({ body }) => body.includes('"globalDefault":true'))
    .map(readStoredObject)
    .filter((found) => valueAt(found, 'globalDefault') === true)
    .map(read)
    .sort((a, b) => a.value - b.value);
  return byDefault[0] ?? { name: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' };
}

function withRuntime(spec: JsonObject, runtimeClass: JsonObject): JsonObject {
  const overhead = valueAt(runtimeClass, 'overhead', 'podFixed');
  const nodeSelector = objectAt(runtimeClass, 'scheduling', 'nodeSelector');
  const tolerations = objectsAt(runtimeClass, 'scheduling', 'tolerations');
  return {
    ...spec,
    ...(overhead === undefined ? {} : { overhead }),
    ...(Object.keys(nodeSelector).length === 0
      ? {}
      : { nodeSelector: { ...nodeSelector, ...objectAt(spec, 'nodeSelector') } }),
    ...(tolerations.length === 0 ? {} : { tolerations: [...objectsAt(spec, 'tolerations'), ...tolerations] }),
  };
}
