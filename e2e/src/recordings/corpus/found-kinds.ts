import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { patch, post, put, type Scenario, type Step, scenario, silently, type View } from '../step.ts';
import { deployments, object } from './objects.ts';

const namespaced = (path: string): string => `${path}/namespaces/{ns}`;
const pods = `${namespaced('/api/v1')}/pods`;
const claims = `${namespaced('/api/v1')}/persistentvolumeclaims`;
const statefulSets = deployments.replace('deployments', 'statefulsets');
const autoscalers = (version: string): string =>
  `${namespaced(`/apis/autoscaling/${version}`)}/horizontalpodautoscalers`;

/** The part of an object that is looked at; a Status as it is. */
const only = (field: string): { view: View } => ({
  view: (body) => ((body as JsonObject).kind === 'Status' ? body : ((body as JsonObject)[field] ?? null)),
});
const named: { view: View } = {
  view: (body) => ((body as JsonObject).kind === 'Status' ? body : ((body as JsonObject).kind ?? null)),
};

const labels = { app: 'web' };
const container = (rest: JsonObject = {}): JsonObject => ({ name: 'c', image: 'c:1', ...rest });
const podOf = (spec: JsonObject): Step =>
  post(`${pods}?dryRun=All`, object('v1', 'Pod', 'p', { spec: { containers: [container()], ...spec } }), named);
const web = (memory: string, replicas = 1): JsonObject =>
  object('apps/v1', 'Deployment', 'web', {
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container({ resources: { requests: { memory } } })] },
      },
    },
  });
const claim = (storage: string): JsonObject => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
});
const setWith = (spec: JsonObject): Step =>
  post(
    `${statefulSets}?dryRun=All`,
    object('apps/v1', 'StatefulSet', 's', {
      spec: {
        serviceName: 's',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container()] } },
        volumeClaimTemplates: [{ metadata: { name: 'v' }, spec }],
      },
    }),
    named,
  );

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
const scaled = (spec: JsonObject, version = 'v2', metadata: JsonObject = {}): Step =>
  post(
    `${autoscalers(version)}?dryRun=All`,
    object(`autoscaling/${version}`, 'HorizontalPodAutoscaler', 'h', {
      metadata,
      spec: { maxReplicas: 3, scaleTargetRef: target, ...spec },
    }),
    only('spec'),
  );
const measured = (type: string, source: JsonValue): Step =>
  scaled({ metrics: [{ type, [`${type.charAt(0).toLowerCase()}${type.slice(1)}`]: source }] });
const metric = { name: 'm' };
const described = { apiVersion: 'v1', kind: 'Service', name: 's' };

/** What random objects of built-in kinds showed to differ. KA-3, KA-62, KA-99 */
export const foundKinds: readonly Scenario[] = [
  scenario(
    'pod-warnings',
    podOf({ containers: [container({ resources: { requests: { memory: '100m' }, limits: { memory: '1.5Gi' } } })] }),
    podOf({ containers: [container({ resources: { requests: { cpu: '1m', 'ephemeral-storage': '0.5' } } })] }),
    podOf({
      containers: [
        container({
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: 'x$(A)' },
            { name: 'A', value: '2' },
          ],
        }),
      ],
    }),
    podOf({
      hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }],
      imagePullSecrets: [{ name: 's' }, { name: 's' }],
      topologySpreadConstraints: [{ topologyKey: 'k', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }],
    }),
    podOf({
      containers: [
        container({ ports: [{ name: 'p', containerPort: 80 }] }),
        container({ name: 'd', ports: [{ name: 'p', containerPort: 80, hostPort: 1 }] }),
      ],
    }),
    post(deployments, web('1m'), named),
    patch('merge', `${deployments}/web`, { spec: { replicas: 2 } }, named),
    patch('merge', `${deployments}/web`, { metadata: { labels: { a: 'b' } } }, named),
    put(`${deployments}/web`, web('2m', 2), named),
    patch('merge', `${deployments}/web/status`, { status: { replicas: 1 } }, named),
    post(`${claims}?dryRun=All`, object('v1', 'PersistentVolumeClaim', 'c', { spec: claim('1500m') }), named),
    setWith(claim('1Gi')),
    setWith({ resources: { requests: { storage: '1Gi' } } }),
    setWith({ accessModes: ['ReadWriteOnce'], resources: {} }),
  ),
  scenario(
    'autoscaler-metrics',
    ...[
      { apiVersion: 'v1' },
      { apiVersion: 'v1', kind: 'ReplicationController' },
      { apiVersion: 'a/b/c' },
      { apiVersion: 'x.io/v1', kind: 'X' },
    ].map((more) => scaled({ scaleTargetRef: { ...target, ...more } })),
    scaled({ scaleTargetRef: { kind: 'Deployment', name: 'd' } }),
    measured('Pods', { metric, target: { type: 'Value', value: '1500m' } }),
    measured('Pods', { metric, target: { type: 'AverageValue', averageValue: '1500m' } }),
    measured('Pods', { metric, target: { type: 'AverageValue', averageValue: '-1' } }),
    measured('Object', { metric, describedObject: described, target: { type: 'Value' } }),
    measured('Object', { metric, describedObject: described, target: { type: 'Value', value: '0' } }),
    measured('Object', { metric: { name: 'a/b' }, describedObject: described, target: { type: 'Value', value: '1' } }),
    measured('External', { metric, target: { type: 'Value', value: '1', averageValue: '1' } }),
    measured('Resource', { name: 'cpu', target: { type: 'Utilization' } }),
    measured('Resource', { name: 'cpu', target: { type: 'Utilization', averageUtilization: 1, averageValue: '1' } }),
    measured('ContainerResource', {
      name: 'cpu',
      container: 'C',
      target: { type: 'Utilization', averageUtilization: 1 },
    }),
    scaled({ behavior: { scaleUp: { selectPolicy: 'x' } } }),
    scaled({}, 'v1'),
    scaled({ targetCPUUtilizationPercentage: 5 }, 'v1'),
    silently(
      post(
        autoscalers('v2'),
        object('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
          spec: { maxReplicas: 3, scaleTargetRef: target },
        }),
      ),
    ),
    patch('merge', `${autoscalers('v2')}/h`, { spec: { scaleTargetRef: { apiVersion: 'v1' } } }, only('spec')),
  ),
];
