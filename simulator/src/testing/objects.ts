import type { Deployment, PodSpec } from '@quarterdeck/apis';

export interface DeploymentSettings {
  readonly replicas?: number;
  readonly image?: string;
  readonly namespace?: string;
  readonly annotations?: Record<string, string>;
  readonly spec?: Partial<Deployment['spec']>;
  readonly pod?: Partial<PodSpec>;
}

/** A Deployment of one container, labelled `app: NAME`, with what is set. Default: one replica in `default`. */
export function deploymentObject(name: string, settings: DeploymentSettings = {}): Deployment {
  const { replicas = 1, image = 'example.test/app:1', namespace = 'default', annotations, spec, pod } = settings;
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(annotations === undefined ? {} : { annotations }) },
        spec: { containers: [{ name: 'app', image }], ...pod },
      },
      ...spec,
    },
  };
}
