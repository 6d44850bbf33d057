import { apiVersionOf, type Manifest, Work } from '@quarterdeck/apis';

/** The Works' collection in a namespace, as an API path. */
export const worksPath = (namespace: string): string =>
  `/apis/${Work.group}/${Work.version}/namespaces/${namespace}/${Work.plural}`;

/** Those of all namespaces. */
export const allWorksPath = `/apis/${Work.group}/${Work.version}/${Work.plural}`;

/** A namespace, a ConfigMap of 1 KB and a Deployment: what a small application is. */
export function appManifests(namespace: string): Manifest[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace },
      data: { text: 'x'.repeat(1024) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }] },
        },
      },
    },
  ];
}

export interface WorkOptions {
  readonly namespace: string;
  readonly name: string;
  /** Of its JSON. */
  readonly bytes: number;
  /** Besides `app`. Default: `run`, which is its name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** With a Deployment of ordinary richness and a Service; else only what fills it up. Default true. */
  readonly isRich?: boolean;
}

/** A Work as JSON, filled up to so many bytes. @throws RangeError when they are too few for its manifests */
export function workOfSize({ namespace, name, bytes, labels = { run: name }, isRich = true }: WorkOptions): string {
  const encode = (filler: string) =>
    JSON.stringify({
      apiVersion: apiVersionOf(Work),
      kind: Work.kind,
      metadata: { name, namespace, labels: { app: 'bench', ...labels } },
      spec: { workload: { manifests: [...(isRich ? richManifests() : []), configMap(filler)] } },
    });
  const missing = bytes - encode('').length;
  if (missing < 0) throw new RangeError(`a Work of ${bytes} bytes is too small for its manifests`);
  return encode('v'.repeat(missing));
}

const configMap = (text: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
  data: { 'settings.properties': text },
});

function richManifests(): Manifest[] {
  const labels = { 'app.kubernetes.io/name': 'checkout', 'app.kubernetes.io/part-of': 'shop' };
  const probe = (path: string) => ({ httpGet: { path, port: 8080 }, periodSeconds: 10, failureThreshold: 3 });
  const container = (name: string) => ({
    name,
    image: `registry.example/shop/${name}:1.14.2`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: Array.from({ length: 8 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${index}` })),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    livenessProbe: probe('/livez'),
    readinessProbe: probe('/readyz'),
  });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'checkout', namespace: 'shop', labels },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container('checkout'), container('proxy')] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'checkout', namespace: 'shop', labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    },
  ];
}
