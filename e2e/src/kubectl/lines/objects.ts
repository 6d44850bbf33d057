import type { Manifest } from '../../harness/objects.ts';

/** Objects without a namespace: kubectl gives them that of the scenario. */
export const configMap = (name: string, data: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const labelled = (name: string, labels: Readonly<Record<string, string>>): Manifest => ({
  ...configMap(name, { k: 'v' }),
  metadata: { name, labels },
});

export const widget = (name: string, spec: Readonly<Record<string, unknown>>): Manifest => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});
