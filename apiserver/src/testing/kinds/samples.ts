import type { JsonObject } from '@quarterdeck/machinery';

/** An object of a built-in kind that real servers accept as it is, and where it is posted. */
export interface KindSample {
  /** Unique: the plural, and what is special about it. */
  readonly name: string;
  /** Path of the collection; `NS` stands for the namespace. */
  readonly collection: string;
  readonly object: JsonObject;
}

const container = { name: 'main', image: 'registry.example/app:1.0' };
const labels = { app: 'sample' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [container] } };
const onceTemplate = { spec: { restartPolicy: 'Never', containers: [container] } };
const api = (group: string, version: string, plural: string, namespaced = true) =>
  `/apis/${group}/${version}/${namespaced ? 'namespaces/NS/' : ''}${plural}`;
const core = (plural: string, namespaced = true) => `/api/v1/${namespaced ? 'namespaces/NS/' : ''}${plural}`;

function sample(
  name: string,
  collection: string,
  kind: string,
  content: JsonObject,
  meta: JsonObject = {},
): KindSample {
  const [, root, group = '', version = ''] = collection.split('/');
  const apiVersion = root === 'api' ? 'v1' : `${group}/${version}`;
  return { name, collection, object: { apiVersion, kind, metadata: { name: 'sample', ...meta }, ...content } };
}

const pod = (name: string, spec: JsonObject, meta: JsonObject = {}) =>
  sample(name, core('pods'), 'Pod', { spec }, meta);

const probes: JsonObject = {
  livenessProbe: { httpGet: { port: 80 } },
  readinessProbe: { tcpSocket: { port: 'http' }, initialDelaySeconds: 5 },
  startupProbe: { grpc: { port: 90 } },
  lifecycle: { preStop: { exec: { command: ['true'] } }, postStart: { httpGet: { port: 1, path: '/x' } } },
};

const pods: readonly KindSample[] = [
  pod('pods', { containers: [container] }),
  pod(
    'pods with everything usual',
    {
      serviceAccountName: 'default',
      automountServiceAccountToken: false,
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }],
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
          },
        },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 5, podAffinityTerm: { topologyKey: 'zone', labelSelector: selector } },
          ],
        },
      },
      initContainers: [
        { ...container, name: 'init' },
        { ...container, name: 'side', restartPolicy: 'Always' },
      ],
      containers: [
        {
          ...container,
          image: 'registry.example/app',
          command: ['a'],
          args: ['b'],
          ports: [{ name: 'http', containerPort: 80 }],
          env: [
            { name: 'A', value: 'b' },
            { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
            { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
          ],
          envFrom: [{ configMapRef: { name: 'c' } }],
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
          volumeMounts: [
            { name: 'empty', mountPath: '/empty' },
            { name: 'files', mountPath: '/files', readOnly: true },
          ],
          securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
          ...probes,
        },
      ],
      volumes: [
        { name: 'empty' },
        {
          name: 'files',
          projected: { sources: [{ configMap: { name: 'c' } }, { serviceAccountToken: { path: 't' } }] },
        },
        { name: 'secret', secret: { secretName: 's' } },
        { name: 'map', configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } },
        { name: 'down', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        { name: 'host', hostPath: { path: '/x' } },
        { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
      ],
    },
    { labels },
  ),
  pod('pods that are guaranteed', {
    automountServiceAccountToken: false,
    containers: [{ ...container, resources: { limits: { cpu: '100m', memory: '10Mi' } } }],
  }),
];

const workloads: readonly KindSample[] = [
  sample('deployments', api('apps', 'v1', 'deployments'), 'Deployment', { spec: { selector, template } }),
  sample('deployments that recreate', api('apps', 'v1', 'deployments'), 'Deployment', {
    spec: { replicas: 0, selector, template, strategy: { type: 'Recreate' } },
  }),
  sample('replicasets', api('apps', 'v1', 'replicasets'), 'ReplicaSet', { spec: { selector, template } }),
  sample('statefulsets', api('apps', 'v1', 'statefulsets'), 'StatefulSet', {
    spec: {
      selector,
      template: {
        ...template,
        spec: { containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
      },
      serviceName: 'sample',
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  }),
  sample('daemonsets', api('apps', 'v1', 'daemonsets'), 'DaemonSet', { spec: { selector, template } }),
  sample('controllerrevisions', api('apps', 'v1', 'controllerrevisions'), 'ControllerRevision', {
    revision: 2,
    data: { spec: { a: 1 } },
  }),
  sample('jobs', api('batch', 'v1', 'jobs'), 'Job', { spec: { template: onceTemplate } }),
  sample('jobs by index', api('batch', 'v1', 'jobs'), 'Job', {
    spec: {
      template: onceTemplate,
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 2,
      backoffLimitPerIndex: 1,
    },
  }),
  sample('cronjobs', api('batch', 'v1', 'cronjobs'), 'CronJob', {
    spec: { schedule: '*/5 0-6 * JAN mon', jobTemplate: { spec: { template: onceTemplate } } },
  }),
  sample('replicationcontrollers', core('replicationcontrollers'), 'ReplicationController', { spec: { template } }),
  sample('podtemplates', core('podtemplates'), 'PodTemplate', { template }),
  sample('poddisruptionbudgets', api('policy', 'v1', 'poddisruptionbudgets'), 'PodDisruptionBudget', {
    spec: { minAvailable: '50%', selector },
  }),
  sample('runtimeclasses', api('node.k8s.io', 'v1', 'runtimeclasses', false), 'RuntimeClass', { handler: 'runc' }),
  sample(
    'horizontalpodautoscalers v2',
    api('autoscaling', 'v2', 'horizontalpodautoscalers'),
    'HorizontalPodAutoscaler',
    {
      spec: {
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
        behavior: { scaleUp: { stabilizationWindowSeconds: 10 } },
      },
    },
  ),
  sample(
    'horizontalpodautoscalers v1',
    api('autoscaling', 'v1', 'horizontalpodautoscalers'),
    'HorizontalPodAutoscaler',
    {
      spec: {
        maxReplicas: 5,
        targetCPUUtilizationPercentage: 70,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
      },
    },
  ),
];

const network: readonly KindSample[] = [
  sample('services', core('services'), 'Service', { spec: { selector: labels, ports: [{ port: 80 }] } }),
  sample('services without address', core('services'), 'Service', {
    spec: { clusterIP: 'None', selector: labels, sessionAffinity: 'ClientIP' },
  }),
  sample('services of names', core('services'), 'Service', {
    spec: { type: 'ExternalName', externalName: 'a.example' },
  }),
  sample('services on nodes', core('services'), 'Service', {
    spec: {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 80, targetPort: 'http' },
        { name: 'b', port: 81, protocol: 'UDP' },
      ],
    },
  }),
  sample('services behind balancers', core('services'), 'Service', {
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], externalTrafficPolicy: 'Local' },
  }),
  sample('endpoints', core('endpoints'), 'Endpoints', {
    subsets: [{ addresses: [{ ip: '10.9.8.7' }, { ip: '10.9.8.8' }], ports: [{ name: 'a', port: 80 }] }],
  }),
  sample('endpointslices', api('discovery.k8s.io', 'v1', 'endpointslices'), 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.9.8.7'], conditions: { ready: true } }],
    ports: [{ port: 80 }],
  }),
  sample('ingresses', api('networking.k8s.io', 'v1', 'ingresses'), 'Ingress', {
    spec: {
      ingressClassName: 'x',
      rules: [
        {
          host: '*.example.com',
          http: {
            paths: [{ path: '/a', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }],
          },
        },
      ],
      tls: [{ hosts: ['a.example.com'], secretName: 't' }],
    },
  }),
  sample('ingressclasses', api('networking.k8s.io', 'v1', 'ingressclasses', false), 'IngressClass', {
    spec: { controller: 'example.com/c', parameters: { apiGroup: 'example.com', kind: 'P', name: 'p' } },
  }),
  sample('networkpolicies', api('networking.k8s.io', 'v1', 'networkpolicies'), 'NetworkPolicy', {
    spec: {
      podSelector: selector,
      ingress: [{ ports: [{ port: 80 }], from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      egress: [{ to: [{ namespaceSelector: {}, podSelector: selector }] }],
    },
  }),
  sample(
    'ipaddresses',
    api('networking.k8s.io', 'v1', 'ipaddresses', false),
    'IPAddress',
    { spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'x' } } },
    { name: '192.168.5.6' },
  ),
  sample('servicecidrs', api('networking.k8s.io', 'v1', 'servicecidrs', false), 'ServiceCIDR', {
    spec: { cidrs: ['10.196.196.0/24'] },
  }),
];

const policies: readonly KindSample[] = [
  sample('resourcequotas', core('resourcequotas'), 'ResourceQuota', {
    spec: { hard: { pods: '5', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/widgets.example.com': '3' } },
  }),
  sample('resourcequotas with scopes', core('resourcequotas'), 'ResourceQuota', {
    spec: {
      hard: { pods: '5' },
      scopes: ['BestEffort'],
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] },
    },
  }),
  sample('limitranges', core('limitranges'), 'LimitRange', {
    spec: {
      limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m', memory: '1Mi' }, default: { cpu: '1' } }],
    },
  }),
  sample('priorityclasses', api('scheduling.k8s.io', 'v1', 'priorityclasses', false), 'PriorityClass', { value: 1000 }),
  sample('flowschemas', api('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas', false), 'FlowSchema', {
    spec: {
      priorityLevelConfiguration: { name: 'exempt' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'jane' } }],
          resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }],
        },
      ],
    },
  }),
  sample(
    'prioritylevelconfigurations',
    api('flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations', false),
    'PriorityLevelConfiguration',
    { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } } },
  ),
];

const capacity = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
const volumes: readonly KindSample[] = [
  sample('persistentvolumes', core('persistentvolumes', false), 'PersistentVolume', {
    spec: { ...capacity, csi: { driver: 'd.example.com', volumeHandle: 'h' } },
  }),
  sample('persistentvolumeclaims', core('persistentvolumeclaims'), 'PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'fast' },
  }),
  sample('storageclasses', api('storage.k8s.io', 'v1', 'storageclasses', false), 'StorageClass', {
    provisioner: 'd.example.com',
    parameters: { a: 'b' },
  }),
  sample(
    'volumeattributesclasses',
    api('storage.k8s.io', 'v1', 'volumeattributesclasses', false),
    'VolumeAttributesClass',
    {
      driverName: 'd.example.com',
      parameters: { a: 'b' },
    },
  ),
  sample('csidrivers', api('storage.k8s.io', 'v1', 'csidrivers', false), 'CSIDriver', { spec: {} }),
  sample('csinodes', api('storage.k8s.io', 'v1', 'csinodes', false), 'CSINode', {
    spec: { drivers: [{ name: 'd.example.com', nodeID: 'n', topologyKeys: ['zone'] }] },
  }),
  sample('csistoragecapacities', api('storage.k8s.io', 'v1', 'csistoragecapacities'), 'CSIStorageCapacity', {
    storageClassName: 'fast',
    capacity: '5Gi',
  }),
  sample('volumeattachments', api('storage.k8s.io', 'v1', 'volumeattachments', false), 'VolumeAttachment', {
    spec: { attacher: 'd.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } },
  }),
];

const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const admission = (plural: string) => api('admissionregistration.k8s.io', 'v1', plural, false);
const webhook = {
  name: 'a.hooks.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Ignore',
  clientConfig: { url: 'https://hooks.example.com/a' },
};
const registration: readonly KindSample[] = [
  sample(
    'validatingwebhookconfigurations',
    admission('validatingwebhookconfigurations'),
    'ValidatingWebhookConfiguration',
    {
      webhooks: [{ ...webhook, rules: [{ ...rule, apiGroups: ['none.example.com'] }] }],
    },
  ),
  sample('mutatingwebhookconfigurations', admission('mutatingwebhookconfigurations'), 'MutatingWebhookConfiguration', {
    webhooks: [
      {
        ...webhook,
        clientConfig: { service: { namespace: 'n', name: 's', path: '/p' } },
        rules: [{ ...rule, apiGroups: ['none.example.com'] }],
      },
    ],
  }),
  sample('validatingadmissionpolicies', admission('validatingadmissionpolicies'), 'ValidatingAdmissionPolicy', {
    spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
  }),
  sample(
    'validatingadmissionpolicybindings',
    admission('validatingadmissionpolicybindings'),
    'ValidatingAdmissionPolicyBinding',
    { spec: { policyName: 'nothing', validationActions: ['Deny'] } },
  ),
];

const nodes: readonly KindSample[] = [
  sample('nodes', core('nodes', false), 'Node', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
];

/** One of each built-in kind at least, as small as its defaults allow. KA-2, KA-3 */
export const kindSamples: readonly KindSample[] = Object.freeze([
  ...pods,
  ...workloads,
  ...network,
  ...policies,
  ...volumes,
  ...registration,
  ...nodes,
]);
