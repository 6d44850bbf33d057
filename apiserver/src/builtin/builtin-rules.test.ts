import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import type { ResourceDefinition } from '../registry/definition.ts';
import { newAuthority } from '../testing/certificates.ts';
import { configMaps } from './configmaps.ts';
import { certificateSigningRequests } from './csrs.ts';
import { eventFromStored, eventToStored } from './event-view.ts';
import { events, newEvents } from './events.ts';
import { leases } from './leases.ts';
import { namespaces } from './namespaces.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac.ts';
import { secrets } from './secrets.ts';
import { workloadDefinitions } from './workloads/definitions.ts';

const context = { user: { name: 'jane', groups: ['dev'], uid: 'u1' }, now: 0 };
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Paths of what is wrong with a new object. */
function createErrors({ strategy }: ResourceDefinition, object: JsonObject): string[] {
  const completed = strategy.complete?.(object) ?? object;
  return [...(strategy.validate?.(completed) ?? []), ...(strategy.validateCreate?.(completed) ?? [])].map(
    ({ field }) => field,
  );
}

function updateErrors({ strategy }: ResourceDefinition, object: JsonObject, old: JsonObject): string[] {
  return [...(strategy.validateUpdate?.(object, old) ?? [])].map(({ field }) => field);
}

describe('config maps and secrets', () => {
  test.each([
    { name: 'good data', kind: configMaps, object: { data: { 'a.b-c_D': '1' } }, want: [] },
    { name: 'a key that is none', kind: configMaps, object: { data: { 'a b': '1' } }, want: ['data[a b]'] },
    {
      name: 'a key in both maps',
      kind: configMaps,
      object: { data: { a: '1' }, binaryData: { a: 'AA==' } },
      want: ['data[a]'],
    },
    { name: 'what is no base64', kind: configMaps, object: { binaryData: { a: '%' } }, want: ['binaryData[a]'] },
    { name: 'more than 1 MiB', kind: configMaps, object: { data: { a: 'x'.repeat(1_048_577) } }, want: [''] },
    {
      name: 'a TLS secret without its keys',
      kind: secrets,
      object: { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
      want: ['data[tls.key]'],
    },
    {
      name: 'docker credentials that are no JSON',
      kind: secrets,
      object: { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } },
      want: ['data[.dockerconfigjson]'],
    },
    {
      name: 'a token of no account',
      kind: secrets,
      object: { type: 'kubernetes.io/service-account-token' },
      want: ['metadata.annotations[kubernetes.io/service-account.name]'],
    },
    { name: 'any other type', kind: secrets, object: { type: 'x.io/y', data: { a: base64('b') } }, want: [] },
  ])('KA-116 $name', ({ kind, object, want }) =>
    expect(createErrors(kind, object as unknown as JsonObject)).toEqual(want),
  );

  test('KA-116 immutable keeps the data and itself, not metadata', () => {
    const old = { immutable: true, data: { a: '1' } };
    expect(updateErrors(configMaps, { ...old, metadata: { labels: { a: 'b' } } }, old)).toEqual([]);
    expect(updateErrors(configMaps, { data: { a: '2' } }, old)).toEqual(['immutable', 'data']);
    expect(updateErrors(secrets, { type: 'Opaque', data: {} }, { type: 'x', data: {} })).toEqual(['type']);
  });

  test('KA-116 stringData is folded into data, and the type has a default', () => {
    const object = { data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new' } };
    expect(secrets.strategy.complete?.(object)).toEqual({ data: { a: base64('new'), b: base64('b') }, type: 'Opaque' });
  });
});

describe('namespaces and leases', () => {
  test('KA-109 a new namespace is active, held by its finalizer, and labelled with its name', () => {
    const completed = namespaces.strategy.complete?.({ metadata: { name: 'a' } }) ?? {};
    expect(namespaces.strategy.prepareForCreate?.(completed, context)).toEqual({
      metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'a' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    expect(namespaces.strategy.validateName?.('a.b')).toHaveLength(1);
  });

  test('KA-142 a lease lasts some time', () => {
    expect(createErrors(leases, { spec: { leaseDurationSeconds: 15, holderIdentity: '' } })).toEqual([]);
    expect(createErrors(leases, { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } })).toEqual([
      'spec.leaseDurationSeconds',
      'spec.leaseTransitions',
    ]);
  });
});

describe('RBAC', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  test.each([
    { name: 'a rule', kind: roles, object: { rules: [rule] }, want: [] },
    {
      name: 'a rule without verbs',
      kind: roles,
      object: { rules: [{ ...rule, verbs: [] }] },
      want: ['rules[0].verbs'],
    },
    {
      name: 'a rule without groups and resources',
      kind: clusterRoles,
      object: { rules: [{ verbs: ['get'] }] },
      want: ['rules[0].apiGroups', 'rules[0].resources'],
    },
    {
      name: 'a URL in a cluster role',
      kind: clusterRoles,
      object: { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
      want: [],
    },
    {
      name: 'a URL in a role',
      kind: roles,
      object: { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
      want: ['rules[0].nonResourceURLs'],
    },
    {
      name: 'URLs beside resources',
      kind: clusterRoles,
      object: { rules: [{ ...rule, nonResourceURLs: ['/x'] }] },
      want: ['rules[0].nonResourceURLs'],
    },
    { name: 'aggregation in a role', kind: roles, object: { aggregationRule: {} }, want: ['aggregationRule'] },
  ])('KA-127 $name', ({ kind, object, want }) => expect(createErrors(kind, object)).toEqual(want));

  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
  test('KA-127 subjects and role are of the known kinds', () => {
    const subjects = [
      { kind: 'User', apiGroup: roleRef.apiGroup, name: 'u' },
      { kind: 'ServiceAccount', name: 's' },
      { kind: 'Robot', name: '' },
    ];
    const ofGroup = (apiGroup: string) => ({
      roleRef: { ...roleRef, apiGroup },
      subjects: ['User', 'Group', 'ServiceAccount'].map((kind) => ({ kind, apiGroup, name: 'a', namespace: 'n' })),
    });
    expect(createErrors(roleBindings, ofGroup('example.com'))).toEqual([
      'roleRef.apiGroup',
      'subjects[0].apiGroup',
      'subjects[1].apiGroup',
      'subjects[2].apiGroup',
    ]);
    expect(createErrors(clusterRoleBindings, { roleRef: { ...roleRef, kind: 'Role' }, subjects })).toEqual([
      'roleRef.kind',
      'subjects[1].namespace',
      'subjects[2].name',
      'subjects[2].kind',
    ]);
  });

  test('KA-128 the API groups have defaults, and the role stays', () => {
    const binding = {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'Group', name: 'g' },
        { kind: 'ServiceAccount', name: 's' },
      ],
    };
    expect(roleBindings.strategy.complete?.(binding)).toEqual({
      roleRef: { ...roleRef, kind: 'Role' },
      subjects: [
        { kind: 'Group', name: 'g', apiGroup: roleRef.apiGroup },
        { kind: 'ServiceAccount', name: 's' },
      ],
    });
    expect(updateErrors(roleBindings, { roleRef }, { roleRef: { ...roleRef, name: 'other' } })).toEqual(['roleRef']);
  });
});

describe('certificate signing requests', () => {
  test('KA-132 who asked is written by the server, and the spec stays', () => {
    const asked = {
      spec: { signerName: 'x.io/s', username: 'root', uid: 'r', groups: ['ops'], extra: { scopes: ['all'] } },
    };
    const created = certificateSigningRequests.strategy.prepareForCreate?.(asked, context);
    expect(created).toEqual({
      spec: { signerName: 'x.io/s', username: 'jane', groups: ['dev'], uid: 'u1' },
      status: {},
    });
    expect(certificateSigningRequests.strategy.prepareForUpdate?.({ spec: {} }, created ?? {}, context)).toEqual({
      spec: created?.spec,
    });
  });

  test('KA-132 BI-27 what a request must hold', () => {
    const spec = { request: base64('no PEM'), signerName: 'nameless', usages: ['flying'], expirationSeconds: 5 };
    expect(createErrors(certificateSigningRequests, { spec })).toEqual([
      'spec.request',
      'spec.signerName',
      'spec.usages[0]',
      'spec.expirationSeconds',
    ]);
    expect(createErrors(certificateSigningRequests, { spec: {} })).toEqual([
      'spec.request',
      'spec.signerName',
      'spec.usages',
    ]);
  });

  test('KA-132 an approval changes the conditions, and nothing that the signer or the requester said', () => {
    const { approval } = certificateSigningRequests.versions[0]?.subresources ?? {};
    const stored = { metadata: { name: 'x' }, spec: { signerName: 'x.io/s' }, status: { certificate: 'b2xk' } };
    const conditions = [{ type: 'Approved', status: 'True' }];
    const sent = { metadata: { name: 'x' }, spec: {}, status: { conditions, certificate: 'bmV3' } };
    const merged = approval?.type === 'part' ? approval.merge(stored, sent) : undefined;
    expect(merged).toEqual({ ...stored, status: { ...stored.status, conditions } });
  });

  test('KA-132 a signer is named by a domain and one name', () => {
    const of = (signerName: string) =>
      createErrors(certificateSigningRequests, { spec: { signerName, usages: ['any'] } });
    expect(of('x.io/a.b')).toEqual(['spec.request']);
    for (const name of ['x.io', 'x.io/', '/a', 'x.io/a/b', 'X.io/a', 'x.io/*']) {
      expect([name, of(name).includes('spec.signerName')]).toEqual([name, true]);
    }
  });

  test('KA-132 usages stand once, and the signer of before signers had names is nobody', () => {
    const spec = { request: base64('no PEM'), signerName: 'kubernetes.io/legacy-unknown', usages: ['any', 'any'] };
    expect(createErrors(certificateSigningRequests, { spec })).toEqual([
      'spec.request',
      'spec.signerName',
      'spec.usages[1]',
    ]);
  });

  test('KA-132 decisions are exclusive and permanent, the certificate is set once', async () => {
    const condition = (type: string, status = 'True') => ({ type, status });
    const { pem } = await newAuthority(Date.UTC(2026, 0, 1));
    const approved = { status: { conditions: [condition('Approved')], certificate: base64(pem) } };
    expect(updateErrors(certificateSigningRequests, approved, { status: {} })).toEqual([]);
    const both = { status: { ...approved.status, conditions: [condition('Approved'), condition('Denied')] } };
    expect(updateErrors(certificateSigningRequests, both, approved)).toEqual(['status.conditions']);
    const changed = { status: { conditions: [], certificate: base64('x') } };
    expect(updateErrors(certificateSigningRequests, changed, approved)).toEqual([
      'status.conditions',
      'status.certificate',
      'status.certificate',
    ]);
    for (const type of ['Approved', 'Denied', 'Failed']) {
      const undecided = { status: { conditions: [condition(type, 'False')] } };
      expect([type, updateErrors(certificateSigningRequests, undecided, {})]).toEqual([type, ['status.conditions']]);
      const lost = updateErrors(certificateSigningRequests, {}, { status: { conditions: [condition(type)] } });
      expect([type, lost]).toEqual([type, ['status.conditions']]);
    }
    const twice = { status: { conditions: [condition('Approved'), condition('Approved')] } };
    expect(updateErrors(certificateSigningRequests, twice, {})).toEqual(['status.conditions[1].type']);
  });

  test('KA-132 the certificate is PEM, and what was stored as something else stays', async () => {
    const { pem } = await newAuthority(Date.UTC(2026, 0, 1));
    const [blockOf, second] = [
      (label: string, body: string) => `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`,
      pem,
    ];
    const errors = (text: string) =>
      updateErrors(certificateSigningRequests, { status: { certificate: base64(text) } }, {});
    for (const good of [pem, `subject=CN = x\n${pem}${second}`]) expect(errors(good)).toEqual([]);
    const bad = [
      'x',
      '-----BEGIN CERTIFICATE-----',
      blockOf('CERTIFICATE', 'AAAA\n'),
      blockOf('CERTIFICATE', `Proc-Type: 4\n\n${pem.split('\n').slice(1, -2).join('\n')}\n`),
      `${pem}${blockOf('PRIVATE KEY', 'AAAA\n')}`,
    ];
    for (const text of bad) expect([text, errors(text)]).toEqual([text, ['status.certificate']]);
    const old = { status: { certificate: base64('x') } };
    expect(updateErrors(certificateSigningRequests, old, old)).toEqual([]);
  });
});

describe('events', () => {
  test('KA-141b a view and back is the same event', () => {
    const core = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { name: 'a' },
      message: 'm',
      reportingComponent: 'c',
      source: { component: 's' },
      count: 2,
      firstTimestamp: 't',
      lastTimestamp: 't',
    };
    expect(eventToStored(eventFromStored(core))).toEqual(core);
  });

  test('KA-141b a series and an old event print alike in both views', () => {
    const core = {
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p' },
      lastTimestamp: '1970-01-01T00:00:00Z',
      type: 'Normal',
      reason: 'R',
      message: 'm',
    };
    const cells = (kind: ResourceDefinition, event: JsonObject) =>
      kind.versions[0]?.columns.map(({ value }) => value(event, 60_000));
    expect(cells(events, core)).toEqual(['60s', 'Normal', 'R', 'pod/p', '', '', 'm', '<unknown>', 1, 'e']);
    expect(cells(newEvents, eventFromStored(core))).toEqual(cells(events, core));
  });
});

describe('workloads', () => {
  const find = (plural: string) => {
    const found = workloadDefinitions.find((definition) => definition.plural === plural);
    if (found === undefined) throw new Error(`no ${plural}`);
    return found;
  };
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'r.io/i:1' }] } };

  test('KA-3 KA-44 a deployment gets the defaults of Kubernetes', () => {
    const completed = find('deployments').strategy.complete?.({
      spec: { selector: { matchLabels: { app: 'a' } }, template },
    });
    expect(completed?.spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { spec: { restartPolicy: 'Always', containers: [{ name: 'c', imagePullPolicy: 'IfNotPresent' }] } },
    });
    expect(find('deployments').strategy.complete?.(completed ?? {})).toEqual(completed);
  });

  test.each([
    {
      name: 'a selector of other labels',
      spec: { selector: { matchLabels: { app: 'b' } }, template },
      want: ['spec.template.metadata.labels'],
    },
    { name: 'no selector', spec: { template }, want: ['spec.selector', 'spec.template.metadata.labels'] },
    {
      name: 'no containers',
      spec: { selector: { matchLabels: { app: 'a' } }, template: { ...template, spec: {} } },
      want: ['spec.template.spec.containers'],
    },
    {
      name: 'fewer than none',
      spec: { selector: { matchLabels: { app: 'a' } }, template, replicas: -1 },
      want: ['spec.replicas'],
    },
  ])('KA-3 $name is refused', ({ spec, want }) => expect(createErrors(find('replicasets'), { spec })).toEqual(want));

  test('KA-3 a job finds its pods by its uid', () => {
    const job = { metadata: { name: 'j', uid: 'u' }, spec: { template } };
    expect(find('jobs').strategy.prepareForCreate?.(job, context)).toMatchObject({
      spec: {
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
        template: { metadata: { labels: { app: 'a', 'job-name': 'j' } } },
      },
    });
  });
});
