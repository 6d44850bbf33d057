import type { JsonObject, JsonValue } from '@quarterdeck/machinery';

/**
 * What a server must say about an object: a sample with one change, sent as a new object, or as a change of the stored
 * sample. The same table is asked of our server and of a real one.
 */
export interface KindVerdict {
  readonly name: string;
  /** Name of the sample. */
  readonly sample: string;
  /** A JSON merge patch of the sample. */
  readonly change: JsonObject;
  /** Default: as a new object. */
  readonly onUpdate?: true;
  /** `reason field` of each cause, sorted; none: accepted. */
  readonly causes: readonly string[];
}

const spec = (value: JsonObject): JsonObject => ({ spec: value });
const container = (value: JsonObject): JsonObject => spec({ containers: [{ name: 'main', image: 'i', ...value }] });
const metaLabels = (labels: JsonObject): JsonObject => ({ metadata: { labels } });

type Row = readonly [name: string, sample: string, change: JsonObject, causes: readonly string[]];

const created: readonly Row[] = [
  // pods
  ['without containers', 'pods', spec({ containers: [] }), ['FieldValueRequired spec.containers']],
  ['without an image', 'pods', container({ image: '' }), ['FieldValueRequired spec.containers[0].image']],
  ['with a bad container name', 'pods', container({ name: 'A_b' }), ['FieldValueInvalid spec.containers[0].name']],
  [
    'with a name twice',
    'pods',
    spec({
      containers: [
        { name: 'a', image: 'i' },
        { name: 'a', image: 'i' },
      ],
    }),
    ['FieldValueDuplicate spec.containers[1].name'],
  ],
  [
    'with a port out of range',
    'pods',
    container({ ports: [{ containerPort: 70_000 }] }),
    ['FieldValueInvalid spec.containers[0].ports[0].containerPort'],
  ],
  [
    'with a port that has no number',
    'pods',
    container({ ports: [{ name: 'a' }] }),
    ['FieldValueRequired spec.containers[0].ports[0].containerPort'],
  ],
  [
    'with a mount of no volume',
    'pods',
    container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    ['FieldValueNotFound spec.containers[0].volumeMounts[0].name'],
  ],
  [
    'with a variable without a name',
    'pods',
    container({ env: [{ value: 'a' }] }),
    ['FieldValueRequired spec.containers[0].env[0].name'],
  ],
  [
    'with a variable from nowhere',
    'pods',
    container({ env: [{ name: 'A', valueFrom: {} }] }),
    ['FieldValueInvalid spec.containers[0].env[0].valueFrom'],
  ],
  [
    'with a request above its limit',
    'pods',
    container({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    ['FieldValueInvalid spec.containers[0].resources.requests'],
  ],
  [
    'with an unknown resource',
    'pods',
    container({ resources: { limits: { wheels: '1' } } }),
    [
      'FieldValueInvalid spec.containers[0].resources.limits[wheels]',
      'FieldValueInvalid spec.containers[0].resources.limits[wheels]',
      'FieldValueInvalid spec.containers[0].resources.requests[wheels]',
      'FieldValueInvalid spec.containers[0].resources.requests[wheels]',
    ],
  ],
  [
    'with a probe that does nothing',
    'pods',
    container({ livenessProbe: { periodSeconds: 1 } }),
    ['FieldValueRequired spec.containers[0].livenessProbe'],
  ],
  [
    'with a liveness probe of two successes',
    'pods',
    container({ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }),
    ['FieldValueInvalid spec.containers[0].livenessProbe.successThreshold'],
  ],
  [
    'with another restart policy',
    'pods',
    spec({ restartPolicy: 'Sometimes' }),
    ['FieldValueNotSupported spec.restartPolicy'],
  ],
  [
    'with a bad sysctl',
    'pods',
    spec({ securityContext: { sysctls: [{ name: 'foo-', value: 'bar' }] } }),
    ['FieldValueInvalid spec.securityContext.sysctls[0].name'],
  ],
  [
    'with two sources of a volume',
    'pods',
    spec({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] }),
    ['FieldValueForbidden spec.volumes[0].hostPath'],
  ],
  [
    'with a toleration without a key',
    'pods',
    spec({ tolerations: [{ operator: 'Equal' }] }),
    ['FieldValueInvalid spec.tolerations[0].operator'],
  ],
  // workloads
  [
    'without a selector',
    'deployments',
    spec({ selector: null }),
    ['FieldValueInvalid spec.template.metadata.labels', 'FieldValueRequired spec.selector'],
  ],
  [
    'with a selector of others',
    'deployments',
    spec({ selector: { matchLabels: { app: 'other' } } }),
    ['FieldValueInvalid spec.template.metadata.labels'],
  ],
  ['with fewer than none', 'deployments', spec({ replicas: -1 }), ['FieldValueInvalid spec.replicas']],
  [
    'that recreates and rolls',
    'deployments',
    spec({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    ['FieldValueForbidden spec.strategy.rollingUpdate'],
  ],
  [
    'that cannot roll',
    'deployments',
    spec({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    ['FieldValueInvalid spec.strategy.rollingUpdate.maxUnavailable'],
  ],
  [
    'whose pods end',
    'replicasets',
    spec({ template: { spec: { restartPolicy: 'Never' } } }),
    ['FieldValueNotSupported spec.template.spec.restartPolicy'],
  ],
  [
    'that rolls both ways',
    'daemonsets',
    spec({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
    ['FieldValueInvalid spec.updateStrategy.rollingUpdate.maxSurge'],
  ],
  ['with a bad service name', 'statefulsets', spec({ serviceName: 'A_b' }), ['FieldValueInvalid spec.serviceName']],
  [
    'whose pods restart for ever',
    'jobs',
    spec({ template: { spec: { restartPolicy: 'Always' } } }),
    ['FieldValueRequired spec.template.spec.restartPolicy'],
  ],
  ['by index without a number', 'jobs', spec({ completionMode: 'Indexed' }), []],
  [
    'with limits for indexes it has not',
    'jobs',
    spec({ backoffLimitPerIndex: 1 }),
    ['FieldValueInvalid spec.backoffLimitPerIndex'],
  ],
  ['with a bad schedule', 'cronjobs', spec({ schedule: '61 * * * *' }), ['FieldValueInvalid spec.schedule']],
  ['without a schedule', 'cronjobs', spec({ schedule: null }), ['FieldValueRequired spec.schedule']],
  ['in no time zone', 'cronjobs', spec({ timeZone: 'Moon/Base' }), ['FieldValueInvalid spec.timeZone']],
  [
    'with a zone in its schedule',
    'cronjobs',
    spec({ schedule: 'TZ=UTC 1 * * * *' }),
    ['FieldValueInvalid spec.schedule'],
  ],
  ['without data', 'controllerrevisions', { data: null }, ['FieldValueRequired data']],
  ['with both bounds', 'poddisruptionbudgets', spec({ maxUnavailable: 1 }), ['FieldValueInvalid spec']],
  [
    'with more than all',
    'poddisruptionbudgets',
    spec({ minAvailable: '101%' }),
    ['FieldValueInvalid spec.minAvailable'],
  ],
  ['with a bad handler', 'runtimeclasses', { handler: 'A/b' }, ['FieldValueInvalid handler']],
  [
    'without a most',
    'horizontalpodautoscalers v2',
    spec({ maxReplicas: null }),
    ['FieldValueInvalid spec.maxReplicas', 'FieldValueInvalid spec.maxReplicas'],
  ],
  [
    'with a most below its least',
    'horizontalpodautoscalers v1',
    spec({ minReplicas: 9 }),
    ['FieldValueInvalid spec.maxReplicas'],
  ],
  [
    'with a metric of no kind',
    'horizontalpodautoscalers v2',
    spec({ metrics: [{ type: 'Pods' }] }),
    ['FieldValueRequired spec.metrics[0].pods'],
  ],
  // network
  ['without ports', 'services', spec({ ports: null }), ['FieldValueRequired spec.ports']],
  [
    'with a port of none',
    'services',
    spec({ ports: [{ port: 0 }] }),
    ['FieldValueInvalid spec.ports[0].port', 'FieldValueInvalid spec.ports[0].targetPort'],
  ],
  [
    'with nameless ports',
    'services',
    spec({ ports: [{ port: 1 }, { port: 2, name: 'b' }] }),
    ['FieldValueRequired spec.ports[0].name'],
  ],
  ['with a bad name', 'services', { metadata: { name: '1a' } }, ['FieldValueInvalid metadata.name']],
  [
    'of names without a name',
    'services of names',
    spec({ externalName: '' }),
    ['FieldValueRequired spec.externalName'],
  ],
  [
    'of names with an address',
    'services of names',
    spec({ clusterIP: '10.0.0.9' }),
    ['FieldValueForbidden spec.clusterIPs'],
  ],
  ['of another type', 'services', spec({ type: 'Tunnel' }), ['FieldValueNotSupported spec.type']],
  [
    'with a node port it has not',
    'services',
    spec({ ports: [{ port: 1, nodePort: 30_100 }] }),
    ['FieldValueForbidden spec.ports[0].nodePort'],
  ],
  [
    'with a policy for outside',
    'services',
    spec({ externalTrafficPolicy: 'Local' }),
    ['FieldValueInvalid spec.externalTrafficPolicy'],
  ],
  ['with an address elsewhere', 'services', spec({ clusterIP: '203.0.113.1' }), ['FieldValueInvalid spec.clusterIPs']],
  [
    'with a node port elsewhere',
    'services on nodes',
    spec({ ports: [{ port: 1, nodePort: 1 }] }),
    ['FieldValueInvalid spec.ports[0].nodePort'],
  ],
  [
    'at a loopback address',
    'endpoints',
    { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] },
    ['FieldValueInvalid subsets[0].addresses[0].ip'],
  ],
  ['without addresses', 'endpoints', { subsets: [{ ports: [{ port: 1 }] }] }, ['FieldValueRequired subsets[0]']],
  ['of another type', 'endpointslices', { addressType: 'IPv5' }, ['FieldValueNotSupported addressType']],
  [
    'of the other family',
    'endpointslices',
    { endpoints: [{ addresses: ['2001:db8::1'] }] },
    ['FieldValueInvalid endpoints[0].addresses'],
  ],
  ['without a backend', 'ingresses', spec({ rules: null }), ['FieldValueInvalid spec']],
  [
    'with a relative path',
    'ingresses',
    spec({
      rules: [
        {
          http: { paths: [{ path: 'a', pathType: 'Exact', backend: { service: { name: 's', port: { number: 1 } } } }] },
        },
      ],
    }),
    ['FieldValueInvalid spec.rules[0].http.paths[0].path'],
  ],
  [
    'without a path type',
    'ingresses',
    spec({ rules: [{ http: { paths: [{ path: '/a', backend: { service: { name: 's', port: { number: 1 } } } }] } }] }),
    ['FieldValueRequired spec.rules[0].http.paths[0].pathType'],
  ],
  [
    'without a port',
    'ingresses',
    spec({ rules: null, defaultBackend: { service: { name: 's' } } }),
    ['FieldValueRequired spec.defaultBackend'],
  ],
  ['without a controller', 'ingressclasses', spec({ controller: '' }), ['FieldValueRequired spec.controller']],
  [
    'with a namespace it does not mean',
    'ingressclasses',
    spec({ parameters: { namespace: 'n' } }),
    ['FieldValueForbidden spec.parameters.namespace'],
  ],
  [
    'from nobody',
    'networkpolicies',
    spec({ ingress: [{ from: [{}] }] }),
    ['FieldValueRequired spec.ingress[0].from[0]'],
  ],
  [
    'except more than all',
    'networkpolicies',
    spec({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/8'] } }] }] }),
    ['FieldValueInvalid spec.ingress[0].from[0].ipBlock.except[0]'],
  ],
  ['with a name that is no address', 'ipaddresses', { metadata: { name: 'a' } }, ['FieldValueInvalid metadata.name']],
  ['without a holder', 'ipaddresses', spec({ parentRef: null }), ['FieldValueRequired spec.parentRef']],
  ['of no range', 'servicecidrs', spec({ cidrs: ['10.0.0.1'] }), ['FieldValueInvalid spec.cidrs[0]']],
  ['without a range', 'servicecidrs', spec({ cidrs: null }), ['FieldValueRequired spec.cidrs']],
  // policies
  [
    'of nothing known',
    'resourcequotas',
    spec({ hard: { wheels: '1' } }),
    ['FieldValueInvalid spec.hard[wheels]', 'FieldValueInvalid spec.hard[wheels]'],
  ],
  ['of half a pod', 'resourcequotas', spec({ hard: { pods: '500m' } }), ['FieldValueInvalid spec.hard[pods]']],
  [
    'of scopes that exclude each other',
    'resourcequotas',
    spec({ hard: null, scopes: ['BestEffort', 'NotBestEffort'] }),
    ['FieldValueInvalid spec.scopes'],
  ],
  [
    'with a least above its most',
    'limitranges',
    spec({ limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] }),
    ['FieldValueInvalid spec.limits[0].min[cpu]'],
  ],
  [
    'with a default for pods',
    'limitranges',
    spec({ limits: [{ type: 'Pod', default: { cpu: '1' } }] }),
    ['FieldValueForbidden spec.limits[0].default'],
  ],
  ['above all users', 'priorityclasses', { value: 2_000_000_000 }, ['FieldValueForbidden value']],
  [
    'with a name of the system',
    'priorityclasses',
    { metadata: { name: 'system-mine' } },
    ['FieldValueForbidden metadata.name'],
  ],
  [
    'that comes first of all',
    'flowschemas',
    spec({ matchingPrecedence: 1 }),
    ['FieldValueInvalid spec.matchingPrecedence'],
  ],
  [
    'without a level',
    'flowschemas',
    spec({ priorityLevelConfiguration: { name: '' } }),
    ['FieldValueRequired spec.priorityLevelConfiguration.name'],
  ],
  [
    'without rules in a rule',
    'flowschemas',
    spec({ rules: [{ subjects: [{ kind: 'User', user: { name: 'a' } }] }] }),
    ['FieldValueRequired spec.rules[0]'],
  ],
  [
    'that is exempt',
    'prioritylevelconfigurations',
    spec({ type: 'Exempt', limited: null }),
    ['FieldValueInvalid spec.type'],
  ],
  [
    'with a hand too large',
    'prioritylevelconfigurations',
    spec({ limited: { limitResponse: { queuing: { queues: 4, handSize: 5 } } } }),
    ['FieldValueInvalid spec.limited.limitResponse.queuing.handSize'],
  ],
  // volumes
  [
    'without a size',
    'persistentvolumes',
    spec({ capacity: null }),
    ['FieldValueNotSupported spec.capacity', 'FieldValueRequired spec.capacity'],
  ],
  ['of no source', 'persistentvolumes', spec({ csi: null }), ['FieldValueRequired spec']],
  [
    'with another access mode',
    'persistentvolumes',
    spec({ accessModes: ['Any'] }),
    ['FieldValueNotSupported spec.accessModes'],
  ],
  [
    'without a size',
    'persistentvolumeclaims',
    spec({ resources: null }),
    ['FieldValueRequired spec.resources[storage]'],
  ],
  ['without a provisioner', 'storageclasses', { provisioner: '' }, ['FieldValueRequired provisioner']],
  ['without parameters', 'volumeattributesclasses', { parameters: null }, ['FieldValueRequired parameters']],
  [
    'with a token for a moment',
    'csidrivers',
    spec({ tokenRequests: [{ audience: 'a', expirationSeconds: 1 }] }),
    ['FieldValueInvalid spec.tokenRequests[0].expirationSeconds'],
  ],
  [
    'with a driver twice',
    'csinodes',
    spec({
      drivers: [
        { name: 'a', nodeID: 'n' },
        { name: 'a', nodeID: 'n' },
      ],
    }),
    ['FieldValueDuplicate spec.drivers[1].name'],
  ],
  ['with less than nothing', 'csistoragecapacities', { capacity: '-1' }, ['FieldValueInvalid capacity']],
  ['of no volume', 'volumeattachments', spec({ source: null }), ['FieldValueRequired spec.source']],
  // registration
  [
    'with a short name',
    'validatingwebhookconfigurations',
    {
      webhooks: [
        {
          name: 'a',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { url: 'https://a.example/x' },
        },
      ],
    },
    ['FieldValueInvalid webhooks[0].name'],
  ],
  [
    'without a place',
    'mutatingwebhookconfigurations',
    { webhooks: [{ name: 'a.b.c', admissionReviewVersions: ['v1'], sideEffects: 'None', clientConfig: {} }] },
    ['FieldValueRequired webhooks[0].clientConfig'],
  ],
  [
    'over plain HTTP',
    'mutatingwebhookconfigurations',
    {
      webhooks: [
        {
          name: 'a.b.c',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { url: 'http://a.example' },
        },
      ],
    },
    ['FieldValueInvalid webhooks[0].clientConfig.url'],
  ],
  [
    'with side effects',
    'validatingwebhookconfigurations',
    {
      webhooks: [
        {
          name: 'a.b.c',
          admissionReviewVersions: ['v1'],
          sideEffects: 'Some',
          clientConfig: { url: 'https://a.example' },
        },
      ],
    },
    ['FieldValueNotSupported webhooks[0].sideEffects'],
  ],
  [
    'that says nothing',
    'validatingadmissionpolicies',
    spec({ validations: null }),
    ['FieldValueRequired spec.auditAnnotations', 'FieldValueRequired spec.validations'],
  ],
  [
    'for nothing',
    'validatingadmissionpolicies',
    spec({ matchConstraints: null }),
    ['FieldValueRequired spec.matchConstraints'],
  ],
  [
    'without an action',
    'validatingadmissionpolicybindings',
    spec({ validationActions: null }),
    ['FieldValueRequired spec.validationActions'],
  ],
  [
    'that denies and warns',
    'validatingadmissionpolicybindings',
    spec({ validationActions: ['Deny', 'Warn'] }),
    ['FieldValueInvalid spec.validationActions'],
  ],
];

const updated: readonly Row[] = [
  ['stays what it runs on', 'pods', spec({ hostname: 'other' }), ['FieldValueForbidden spec']],
  ['may get a deadline', 'pods', spec({ activeDeadlineSeconds: 60 }), []],
  ['may get labels', 'pods', metaLabels({ a: 'b' }), []],
  [
    'keeps its selector',
    'deployments',
    spec({ selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } }),
    ['FieldValueInvalid spec.selector'],
  ],
  ['keeps its service', 'statefulsets', spec({ serviceName: 'other' }), ['FieldValueForbidden spec']],
  ['may be scaled', 'statefulsets', spec({ replicas: 7 }), []],
  [
    'keeps its template',
    'jobs',
    spec({ template: { spec: { hostname: 'other' } } }),
    ['FieldValueInvalid spec.template'],
  ],
  ['may be paused', 'jobs', spec({ suspend: true }), []],
  ['keeps its data', 'controllerrevisions', { data: { other: 1 } }, ['FieldValueInvalid data']],
  ['keeps its handler', 'runtimeclasses', { handler: 'other' }, ['FieldValueInvalid handler']],
  [
    'keeps its address',
    'services',
    spec({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }),
    ['FieldValueInvalid spec.clusterIPs[0]'],
  ],
  [
    'keeps what its addresses are',
    'endpointslices',
    { addressType: 'IPv6', endpoints: [] },
    ['FieldValueInvalid addressType'],
  ],
  [
    'keeps its controller',
    'ingressclasses',
    spec({ controller: 'example.com/other' }),
    ['FieldValueInvalid spec.controller'],
  ],
  ['keeps its holder', 'ipaddresses', spec({ parentRef: { name: 'other' } }), ['FieldValueInvalid spec.parentRef']],
  ['keeps its ranges', 'servicecidrs', spec({ cidrs: ['10.197.0.0/24'] }), ['FieldValueInvalid spec.cidrs[0]']],
  [
    'keeps its scopes',
    'resourcequotas with scopes',
    spec({ scopes: ['NotBestEffort'] }),
    ['FieldValueInvalid spec.scopes'],
  ],
  ['keeps its value', 'priorityclasses', { value: 1001 }, ['FieldValueForbidden value']],
  [
    'keeps its source',
    'persistentvolumes',
    spec({ csi: { volumeHandle: 'other' } }),
    ['FieldValueForbidden spec.persistentvolumesource'],
  ],
  [
    'keeps its size until it is bound',
    'persistentvolumeclaims',
    spec({ resources: { requests: { storage: '2Gi' } } }),
    ['FieldValueForbidden spec'],
  ],
  [
    'keeps its provisioner',
    'storageclasses',
    { provisioner: 'other.example.com' },
    ['FieldValueForbidden provisioner'],
  ],
  ['keeps its parameters', 'volumeattributesclasses', { parameters: { a: 'c' } }, ['FieldValueForbidden parameters']],
  [
    'keeps whether it attaches',
    'csidrivers',
    spec({ attachRequired: false }),
    ['FieldValueInvalid spec.attachedRequired'],
  ],
  [
    'keeps the ids of its drivers',
    'csinodes',
    spec({ drivers: [{ name: 'd.example.com', nodeID: 'other' }] }),
    ['FieldValueInvalid spec.drivers'],
  ],
  ['keeps its class', 'csistoragecapacities', { storageClassName: 'other' }, ['FieldValueInvalid storageClassName']],
  ['keeps its spec', 'volumeattachments', spec({ nodeName: 'other' }), ['FieldValueInvalid spec']],
];

const titled = ([name, sample, change, causes]: Row, onUpdate: boolean): KindVerdict => ({
  name: onUpdate
    ? `one of ${sample} ${name}`
    : `one of ${sample} ${name} is ${causes.length === 0 ? 'accepted' : 'refused'}`,
  sample,
  change,
  ...(onUpdate ? { onUpdate: true as const } : {}),
  causes,
});

/** KA-2, KA-3 */
export const kindVerdicts: readonly KindVerdict[] = Object.freeze([
  ...created.map((row) => titled(row, false)),
  ...updated.map((row) => titled(row, true)),
]);

/** The causes of a Status, as the table writes them. */
export function causesOf(status: JsonObject): readonly string[] {
  const { causes } = (status.details ?? {}) as { causes?: JsonValue };
  const list = Array.isArray(causes) ? (causes as JsonObject[]) : [];
  return list.map(({ reason, field }) => `${String(reason)} ${String(field)}`).sort();
}
