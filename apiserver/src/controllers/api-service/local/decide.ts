import type { Condition, KubeObject, Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { apiServiceName } from '../../../builtin/registration/api-services.ts';
import { compareVersions } from '../../../registry/order.ts';

export interface ApiService extends KubeObject {
  spec?: {
    group?: string;
    version?: string;
    groupPriorityMinimum?: number;
    versionPriority?: number;
    service?: object;
  };
  status?: { conditions?: Condition[] };
}

/** Marks what this controller made, and may take away. */
const madeLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** Custom groups come after Kubernetes' own, which come in the order of discovery. */
const customPriority = 1000;
const corePriority = 18_000;

/**
 * An APIService for each group version that is served. Priorities, which order groups for some clients, follow the order of
 * discovery: of groups by steps of a hundred, of versions by steps of one.
 * @param groups in the order of discovery, each with its versions
 * @param isCustom whether the group comes from CustomResourceDefinitions
 */
export function wantedServices(
  groups: readonly { readonly name: string; readonly versions: readonly string[] }[],
  isCustom: (group: string) => boolean,
): ReadonlyMap<string, ApiService> {
  const services = new Map<string, ApiService>();
  for (const [index, { name: group, versions }] of groups.entries()) {
    const groupPriorityMinimum = isCustom(group)
      ? customPriority
      : Math.max(corePriority - 100 * index, customPriority + 1);
    for (const [behind, version] of [...versions].sort(compareVersions).entries()) {
      const name = apiServiceName(group, version);
      const versionPriority = isCustom(group) ? Math.max(100 - behind, 1) : Math.max(30 - behind, 1);
      services.set(name, {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name, labels: { [madeLabel]: isCustom(group) ? 'true' : 'onstart' } },
        spec: { ...(group === '' ? {} : { group }), version, groupPriorityMinimum, versionPriority },
      });
    }
  }
  return services;
}

export type Decision =
  | { readonly type: 'nothing' }
  | { readonly type: 'create'; readonly object: ApiService }
  | { readonly type: 'delete' }
  | { readonly type: 'update'; readonly object: Stored<ApiService> }
  | { readonly type: 'status'; readonly object: Stored<ApiService> };

/** What becomes of one APIService. Pure. KA-2 */
export function decide(
  { stored, wanted }: { readonly stored: Stored<ApiService> | undefined; readonly wanted: ApiService | undefined },
  now: EpochMs,
): Decision {
  if (stored === undefined) return wanted === undefined ? { type: 'nothing' } : { type: 'create', object: wanted };
  if (stored.metadata.deletionTimestamp !== undefined) return { type: 'nothing' };
  if (wanted === undefined) {
    return stored.metadata.labels?.[madeLabel] === undefined ? { type: 'nothing' } : { type: 'delete' };
  }
  if (!isAsWanted(stored, wanted)) {
    const labels = { ...stored.metadata.labels, ...wanted.metadata.labels };
    const { spec } = wanted;
    const next = { ...stored, metadata: { ...stored.metadata, labels }, ...(spec === undefined ? {} : { spec }) };
    return { type: 'update', object: next };
  }
  const available = stored.status?.conditions?.find(({ type }) => type === 'Available');
  if (available?.status === 'True') return { type: 'nothing' };
  const condition: Condition = {
    type: 'Available',
    status: 'True',
    reason: 'Local',
    message: 'Local APIServices are always available',
    lastTransitionTime: `${new Date(now).toISOString().slice(0, 19)}Z`,
  };
  const others = (stored.status?.conditions ?? []).filter(({ type }) => type !== 'Available');
  return { type: 'status', object: { ...stored, status: { ...stored.status, conditions: [...others, condition] } } };
}

function isAsWanted({ metadata, spec }: Stored<ApiService>, wanted: ApiService): boolean {
  const same = (['group', 'version', 'groupPriorityMinimum', 'versionPriority'] as const).every(
    (field) => (spec?.[field] ?? '') === (wanted.spec?.[field] ?? ''),
  );
  const label = metadata.labels?.[madeLabel];
  return same && spec?.service === undefined && label === wanted.metadata.labels?.[madeLabel];
}
