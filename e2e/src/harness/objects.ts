/** Objects as users write them; given to `kubectl apply -f -` as JSON. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** `where` is `namespace/name`. */
export function configMap(where: string, data: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: at(where), data };
}

/** `where` is `namespace/name`. */
export function deployment(where: string, replicas: number): Manifest {
  const metadata = at(where);
  const labels = { app: metadata.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.com/nothing' }] } },
    },
  };
}

/** A placement in the namespace default, of all members with these labels. */
export function placement(name: string, matchLabels: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'Placement',
    metadata: { name, namespace: 'default' },
    spec: { clusterSelectorTerms: [{ labelSelector: { matchLabels } }] },
  };
}

export interface WorkSetOptions {
  readonly name: string;
  /** Name of the placement. */
  readonly on: string;
  readonly manifests: readonly Manifest[];
  readonly deletionPolicy?: 'Delete' | 'Orphan';
}

/** A work set in the namespace default. */
export function workSet({ name, on, manifests, deletionPolicy = 'Delete' }: WorkSetOptions): Manifest {
  return {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'WorkSet',
    metadata: { name, namespace: 'default' },
    spec: { placementRef: { name: on }, deletionPolicy, workload: { manifests } },
  };
}

/** For `kubectl ... -f -`: a stream of JSON documents. */
export function documents(...items: readonly object[]): string {
  return items.map((item) => JSON.stringify(item)).join('\n');
}

function at(where: string): { readonly name: string; readonly namespace: string } {
  const [namespace = '', name = ''] = where.split('/');
  return { name, namespace };
}
