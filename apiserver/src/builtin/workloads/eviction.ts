import { apiError, type KubeObject, resourceType, StatusReason, type Stored } from '@quarterdeck/apis';
import {
  type Client,
  type JsonObject,
  labelSelectorToRequirements,
  matchesLabels,
  type ObjectRef,
} from '@quarterdeck/machinery';
import { forbiddenObject } from '../../authz/forbidden.ts';
import type { ActionContext, ActionHandler, Subresource } from '../../registry/definition.ts';
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';

const Pod = resourceType<KubeObject>('', 'v1', 'Pod', 'pods', 'Namespaced');
const Budget = resourceType<KubeObject>('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'Namespaced');

const success: JsonObject = Object.freeze({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
});
/** While a budget is being worked out, a client may ask again after this. */
const retryAfterSeconds = 10;
/** Evictions that the budget's controller has not seen yet. */
const mostUnseen = 2000;

/**
 * `pods/NAME/eviction`: deletes the pod if its budget allows it. Nothing on a hub works out budgets: a pod with one is refused
 * until somebody else writes the budget's status, as on a Kubernetes API server without the disruption controller. KA-3
 * @param client reads pods, reads and counts down budgets, deletes pods
 */
export function evictionSubresource(client: () => Client): Subresource {
  return {
    type: 'action',
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
    handle: evictionHandler(client),
  };
}

function evictionHandler(client: () => Client): ActionHandler {
  return async (eviction, context) => {
    const { namespace, name, signal } = context;
    const ref = { namespace, name };
    const pod = await client().get(Pod, ref, { signal });
    if (!isFinished(pod)) await countDown(client(), pod, context, isDryRun(eviction, context));
    await remove(client(), ref, eviction, context);
    return success;
  };
}

const isDryRun = (eviction: JsonObject, { dryRun }: ActionContext): boolean =>
  dryRun || objectsLike(eviction).includes('All');

const objectsLike = (eviction: JsonObject): readonly unknown[] => {
  const asked = valueAt(eviction, 'deleteOptions', 'dryRun');
  return Array.isArray(asked) ? asked : [];
};

const json = (object: Stored<KubeObject>) => object as unknown as JsonObject;

/** Nobody counts on a pod that has not started, has ended, or is on its way out. */
function isFinished(pod: Stored<KubeObject>): boolean {
  const phase = stringAt(json(pod), 'status', 'phase');
  return ['Succeeded', 'Failed', 'Pending'].includes(phase) || pod.metadata.deletionTimestamp !== undefined;
}

async function remove(client: Client, ref: ObjectRef, eviction: JsonObject, context: ActionContext): Promise<void> {
  const uid = stringAt(eviction, 'deleteOptions', 'preconditions', 'uid');
  const resourceVersion = stringAt(eviction, 'deleteOptions', 'preconditions', 'resourceVersion');
  await client.delete(Pod, ref, {
    signal: context.signal,
    ...(isDryRun(eviction, context) ? { dryRun: true } : {}),
    ...(uid === '' && resourceVersion === ''
      ? {}
      : { preconditions: { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) } }),
  });
}

/** Takes one disruption from the pod's budget, if it has one. @throws ApiError TooManyRequests, Forbidden, InternalError */
async function countDown(
  client: Client,
  pod: Stored<KubeObject>,
  { namespace, name, signal, now }: ActionContext,
  dryRun: boolean,
): Promise<void> {
  const { items } = await client.list(Budget, { namespace, signal });
  const [budget, ...more] = items.filter((each) => covers(each, pod));
  if (budget === undefined) return;
  if (more.length > 0) {
    const why = 'this pod has more than one PodDisruptionBudget, which the eviction subresource does not support';
    throw apiError(StatusReason.InternalError, why);
  }
  if (!isReady(pod) && mayGoUnready(budget)) return;
  const allowed = allowedBy(budget);
  if (dryRun) return;
  const status = {
    ...objectAt(json(budget), 'status'),
    disruptionsAllowed: allowed - 1,
    disruptedPods: {
      ...objectAt(json(budget), 'status', 'disruptedPods'),
      [name]: `${new Date(now).toISOString().slice(0, 19)}Z`,
    },
  };
  // By the revision that was read: of two that take the last one, the second is told of a conflict, and may try again.
  const next = { ...json(budget), status } as unknown as KubeObject;
  await client.update(Budget, next, { signal, subresource: 'status' });
}

function covers(budget: Stored<KubeObject>, pod: Stored<KubeObject>): boolean {
  const selector = valueAt(json(budget), 'spec', 'selector');
  if (typeof selector !== 'object' || selector === null || Array.isArray(selector)) return false;
  return matchesLabels(labelSelectorToRequirements(selector as JsonObject), pod.metadata.labels ?? {});
}

function isReady(pod: Stored<KubeObject>): boolean {
  const conditions = objectsAt(json(pod), 'status', 'conditions');
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function mayGoUnready(budget: Stored<KubeObject>): boolean {
  if (stringAt(json(budget), 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const desired = numberAt(json(budget), 'status', 'desiredHealthy') ?? 0;
  return desired > 0 && (numberAt(json(budget), 'status', 'currentHealthy') ?? 0) >= desired;
}

/** @returns how many, at least one */
function allowedBy(budget: Stored<KubeObject>): number {
  const name = budget.metadata.name ?? '';
  const status = objectAt(json(budget), 'status');
  const seen = numberAt(status, 'observedGeneration') ?? 0;
  if (seen < (budget.metadata.generation ?? 0)) {
    throw refused(`The disruption budget ${name} is still being processed by the server.`, retryAfterSeconds);
  }
  const allowed = numberAt(status, 'disruptionsAllowed') ?? 0;
  const type = { group: 'policy', plural: 'poddisruptionbudgets' };
  if (allowed < 0) throw forbiddenObject(type, name, 'pdb disruptions allowed is negative');
  if (Object.keys(objectAt(status, 'disruptedPods')).length > mostUnseen) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbiddenObject(type, name, why);
  }
  if (allowed > 0) return allowed;
  const [needed, there] = [numberAt(status, 'desiredHealthy') ?? 0, numberAt(status, 'currentHealthy') ?? 0];
  throw refused(`The disruption budget ${name} needs ${needed} healthy pods and has ${there} currently`, 0);
}

function refused(message: string, seconds: number) {
  return apiError(StatusReason.TooManyRequests, "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(seconds === 0 ? {} : { retryAfterSeconds: seconds }),
  });
}
