import type { JsonObject } from '@quarterdeck/machinery';
import { accepting, asTable, get, post, remove, type Scenario, scenario, silently } from '../step.ts';
import {
  accounts,
  configMap,
  configMaps,
  crd,
  crds,
  established,
  events,
  leases,
  object,
  rbac,
  schemaOf,
  secrets,
} from './objects.ts';

const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
const role = (kind: string, name: string): JsonObject => object('rbac.authorization.k8s.io/v1', kind, name, { rules });
const binding = (kind: string, name: string, refKind: string): JsonObject =>
  object('rbac.authorization.k8s.io/v1', kind, name, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: refKind, name: 'r' },
    subjects: [
      { kind: 'User', name: 'u' },
      { kind: 'Group', name: 'g' },
      { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    ],
  });

const group = 'table.recordings.io';
const rows = `/apis/${group}/v1/namespaces/{ns}/rows`;
const definition = crd({
  group,
  plural: 'rows',
  kind: 'Row',
  names: { shortNames: ['rw'], categories: ['all'] },
  properties: {
    spec: schemaOf.object({
      text: schemaOf.string,
      count: schemaOf.integer,
      ratio: { type: 'number' },
      on: { type: 'boolean' },
      when: { type: 'string', format: 'date-time' },
      list: schemaOf.list(schemaOf.object({ a: schemaOf.string })),
      map: { type: 'object', additionalProperties: schemaOf.string },
    }),
  },
  version: {
    additionalPrinterColumns: [
      { name: 'Text', type: 'string', jsonPath: '.spec.text', description: 'What it says', priority: 1 },
      { name: 'Count', type: 'integer', jsonPath: '.spec.count', format: 'int32' },
      { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
      { name: 'On', type: 'boolean', jsonPath: '.spec.on' },
      { name: 'When', type: 'date', jsonPath: '.spec.when' },
      { name: 'All', type: 'string', jsonPath: '.spec.list[*].a' },
      { name: 'First', type: 'string', jsonPath: '.spec.list[0].a' },
      { name: 'Map', type: 'string', jsonPath: '.spec.map' },
      { name: 'Label', type: 'string', jsonPath: '.metadata.labels.a\\.b/c' },
      { name: 'Odd', type: 'integer', jsonPath: '.spec.text' },
    ],
  },
});

/** Tables and partial metadata. KA-32, KA-33, KA-118 */
export const tables: readonly Scenario[] = [
  scenario(
    'tables-core',
    silently(post(configMaps, configMap('a', { k: '1', l: '2' }, { labels: { t: '1' } }))),
    silently(post(secrets, object('v1', 'Secret', 's', { metadata: { labels: { t: '1' } }, stringData: { a: 'b' } }))),
    silently(
      post(
        accounts,
        object('v1', 'ServiceAccount', 'x', { metadata: { labels: { t: '1' } }, secrets: [{ name: 'q' }] }),
      ),
    ),
    silently(
      post(
        leases,
        object('coordination.k8s.io/v1', 'Lease', 'l', {
          metadata: { labels: { t: '1' } },
          spec: { holderIdentity: 'me' },
        }),
      ),
    ),
    asTable(get(`${configMaps}?labelSelector=t`)),
    asTable(get(`${configMaps}/a`)),
    asTable(get(`${configMaps}?labelSelector=t&includeObject=None`)),
    asTable(get(`${configMaps}?labelSelector=t&includeObject=Object`)),
    asTable(get(`${configMaps}/a?includeObject=Object`)),
    asTable(get(`${configMaps}?labelSelector=t&includeObject=Odd`)),
    asTable(get(`${configMaps}?labelSelector=none`)),
    asTable(get(`${configMaps}/none`)),
    asTable(get(`${configMaps}?limit=1`)),
    asTable(get(`${secrets}?labelSelector=t`)),
    asTable(get(`${accounts}?labelSelector=t`)),
    asTable(get(`${leases}?labelSelector=t`)),
    asTable(get('/api/v1/namespaces/{ns}?includeObject=None')),
    asTable(post(configMaps, configMap('posted'))),
    asTable(remove(`${configMaps}/posted`)),
    accepting('application/json;as=Table;v=v1beta1;g=meta.k8s.io', get(`${configMaps}/a`)),
    accepting('application/json;as=Table;v=v9;g=meta.k8s.io', get(`${configMaps}/a`)),
    accepting('application/json;as=Table;v=v9;g=meta.k8s.io,application/json', get(`${configMaps}/a`)),
    accepting('application/json;as=Odd;v=v1;g=meta.k8s.io', get(`${configMaps}/a`)),
    accepting('application/yaml;as=Table;v=v1;g=meta.k8s.io', get(`${configMaps}?labelSelector=none`)),
    accepting('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', get(`${configMaps}/a`)),
    accepting('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', get(configMaps)),
    accepting('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', get(`${configMaps}?labelSelector=t`)),
    accepting('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', get(`${configMaps}/a`)),
    asTable(
      post(
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        object('authorization.k8s.io/v1', 'SelfSubjectAccessReview', '', {
          spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
        }),
      ),
    ),
  ),
  scenario(
    'tables-rbac',
    ...[
      [`${rbac}/namespaces/{ns}/roles`, role('Role', 'r')],
      [`${rbac}/clusterroles`, role('ClusterRole', 'rec-table')],
      [`${rbac}/namespaces/{ns}/rolebindings`, binding('RoleBinding', 'rb', 'Role')],
      [`${rbac}/clusterrolebindings`, binding('ClusterRoleBinding', 'rec-table', 'ClusterRole')],
    ].flatMap(([path, body]) => {
      const name = ((body as JsonObject).metadata as JsonObject).name as string;
      return [
        silently(post(path as string, body as JsonObject)),
        asTable(get(`${path as string}?fieldSelector=metadata.name=${name}`)),
      ];
    }),
  ),
  scenario(
    'tables-events',
    silently(
      post(
        events,
        object('v1', 'Event', 'e1', {
          involvedObject: { kind: 'ConfigMap', name: 'a', namespace: '{ns}', fieldPath: 'spec.x' },
          reason: 'Why',
          message: ' a message\n',
          type: 'Normal',
          source: { component: 'me', host: 'h' },
          count: 3,
          firstTimestamp: '2000-01-01T00:00:00Z',
          lastTimestamp: '2000-01-01T01:00:00Z',
        }),
      ),
    ),
    silently(
      post(
        '/apis/events.k8s.io/v1/namespaces/{ns}/events',
        object('events.k8s.io/v1', 'Event', 'e2', {
          eventTime: '2020-01-01T00:00:00.000000Z',
          reportingController: 'c.io/x',
          reportingInstance: 'i',
          action: 'Act',
          reason: 'Because',
          type: 'Warning',
          note: 'note',
          regarding: { kind: 'ConfigMap', name: 'b', namespace: '{ns}' },
          series: { count: 2, lastObservedTime: '2020-01-01T00:00:01.000000Z' },
        }),
      ),
    ),
    asTable(get(`${events}?includeObject=None`)),
    asTable(get('/apis/events.k8s.io/v1/namespaces/{ns}/events?includeObject=None')),
    get(`${events}/e2`),
    get('/apis/events.k8s.io/v1/namespaces/{ns}/events/e1'),
  ),
  scenario(
    'tables-custom',
    ...established(definition),
    silently(
      post(
        rows,
        object(`${group}/v1`, 'Row', 'full', {
          metadata: { labels: { 'a.b/c': 'lab' } },
          spec: {
            text: 'hello',
            count: 3,
            ratio: 1.5,
            on: true,
            when: '2000-01-01T00:00:00Z',
            list: [{ a: 'x' }, { a: 'y' }],
            map: { k: 'v' },
          },
        }),
      ),
    ),
    silently(post(rows, object(`${group}/v1`, 'Row', 'void'))),
    asTable(get(rows)),
    asTable(get(`${rows}/full?includeObject=Object`)),
    asTable(get(`${crds}/rows.${group}`)),
    get(`${crds}/rows.${group}`),
    accepting('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', get(rows)),
    accepting('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json', get(rows)),
    ...established(crd({ group, plural: 'plains', kind: 'Plain', properties: {}, scope: 'Cluster' })),
    silently(post(`/apis/${group}/v1/plains`, object(`${group}/v1`, 'Plain', 'p'))),
    asTable(get(`/apis/${group}/v1/plains`)),
  ),
];
