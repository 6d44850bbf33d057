import { eventually } from '@quarterdeck/machinery/testing';
import { expect } from 'vitest';
import type { Kubectl } from './kubectl.ts';
import { configMap, deployment, documents, type Manifest, namespace } from './objects.ts';

/** One object of many kinds, in one namespace: what users deliver. */
function everyKind(where: string): Manifest[] {
  const metadata = { name: 'app', namespace: where, labels: { app: 'app' } };
  const selector = { matchLabels: { app: 'app' } };
  const template = {
    metadata: { labels: { app: 'app' } },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'example.com/nothing:1',
          args: ['--one', '--two'],
          env: [{ name: 'A', value: '1' }],
          ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
          resources: { requests: { cpu: '0.5', memory: '1024Mi' } },
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
        },
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    },
  };
  const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    configMap(`${where}/settings`, { a: '1', b: '' }),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'app' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'somebody' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { app: 'app' },
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81, targetPort: 'x' },
        ],
      },
    },
    deployment(`${where}/plain`, 1),
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector, template } },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { serviceName: 'app', selector, template } },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: once } } },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { minAvailable: '50%', selector },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'plain' }, maxReplicas: 3 },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: { podSelector: selector, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 80 }] }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: { defaultBackend: { service: { name: 'app', port: { name: 'a' } } } },
    },
  ];
}

const ours = /^(f:)?quarterdeck\.dev\//;

/** What is the server's own, or another in each namespace. */
const ownMetadata = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'namespace',
  'managedFields',
  'ownerReferences',
] as const;

/** An object as its users know it: without status, what the server makes up, and the marks of an agent. */
function comparable({ status: _status, ...object }: Manifest): unknown {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name]) => !ownMetadata.some((own) => own === name)),
  );
  const spec = { ...(object.spec as Record<string, unknown> | undefined) };
  for (const address of ['clusterIP', 'clusterIPs']) delete spec[address];
  return withoutMarks({ ...object, metadata, spec });
}

/** The FieldsV1 of whoever applied the object, without the fields of marks. */
function heldByApply({ metadata }: Manifest): unknown {
  const entries = metadata.managedFields as readonly { operation: string; apiVersion: string; fieldsV1: unknown }[];
  return entries
    .filter(({ operation }) => operation === 'Apply')
    .map(({ apiVersion, fieldsV1 }) => ({ apiVersion, fields: withoutMarks(fieldsV1) }));
}

/** Drops keys of ours, the references to who owns an object, and maps that then hold nothing. */
function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
      if (ours.test(name) || name === 'f:ownerReferences') return [];
      const rest = withoutMarks(each);
      const isEmptied = isEmptyMap(rest) && !isEmptyMap(each);
      return isEmptied ? [] : [[name, rest]];
    }),
  );
}

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

export interface ComparedOptions {
  /** On the hub. */
  readonly hub: Kubectl;
  /** On the member. */
  readonly member: Kubectl;
  /** Of the member, on the hub. */
  readonly hubNamespace: string;
}

/**
 * Delivers one object of every kind by a Work and by `kubectl apply --server-side`, and compares them: the same objects, of which
 * the same fields are held, but for our marks and the name of who holds them.
 */
export async function expectSameAsKubectl({ hub, member, hubNamespace }: ComparedOptions): Promise<void> {
  const work = {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'Work',
    metadata: { name: 'same', namespace: hubNamespace },
    spec: { workload: { manifests: [namespace('by-agent'), ...everyKind('by-agent')] } },
  };
  await hub.ok('apply -f -', { input: documents(work) });
  await member.ok('create namespace by-kubectl');
  await member.ok('apply --server-side -f -', { input: documents(...everyKind('by-kubectl')) });
  await hub.ok(`wait --for=condition=Applied work/same -n ${hubNamespace} --timeout=60s`);
  for (const { kind, metadata } of everyKind('by-agent')) {
    const name = String(metadata.name);
    await eventually(
      async () => {
        const [ours, theirs] = await Promise.all(
          ['by-agent', 'by-kubectl'].map((where) =>
            member.json<Manifest>(['get', kind, name, '-n', where, '--show-managed-fields']),
          ),
        );
        if (ours === undefined || theirs === undefined) return false;
        expect(heldByApply(ours)).toHaveLength(1);
        expect(comparable(ours)).toEqual(comparable(theirs));
        expect(heldByApply(ours)).toEqual(heldByApply(theirs));
        return true;
      },
      { timeoutMs: 20_000, message: `${kind} ${name} to be the same` },
    );
  }
}
