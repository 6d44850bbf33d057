import { encodeJson, isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { accepting, get, type Scenario, scenario, type View } from '../step.ts';
import { crd, established, schemaOf } from './objects.ts';

/** The groups of KA-1; those that come later join here. */
const groups = [
  'events.k8s.io',
  'coordination.k8s.io',
  'rbac.authorization.k8s.io',
  'apiextensions.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'discovery.recordings.io',
];
const coreResources = /^(namespaces|configmaps|secrets|serviceaccounts|events)(\/|$)/;

const listOf = (body: JsonValue, key: string): JsonObject[] =>
  isJsonObject(body) && Array.isArray(body[key]) ? (body[key] as JsonValue[]).filter(isJsonObject) : [];
const withList = (body: JsonValue, key: string, items: readonly JsonObject[]): JsonValue =>
  isJsonObject(body) ? { ...body, [key]: [...items] } : body;
const only =
  (key: string, keep: (item: JsonObject) => boolean): View =>
  (body) =>
    withList(body, key, listOf(body, key).filter(keep));
const named = (item: JsonObject): string => String(isJsonObject(item.metadata) ? item.metadata.name : item.name);
/** What a version stores is hashed; clients do not read it. */
const hashless = (item: JsonObject): JsonObject => {
  const { storageVersionHash: _hash, ...rest } = item;
  return rest;
};
/** The order of verbs and subresources is of no meaning. */
const sorted = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const out = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, sorted(child)]));
  for (const key of ['verbs', 'subresources', 'resources']) {
    const list = out[key];
    if (Array.isArray(list))
      out[key] = list
        .map((item) => encodeJson(item))
        .sort()
        .map((text) => parseJson(text));
  }
  return out;
};
const resources: View = (body) => sorted(withList(body, 'resources', listOf(body, 'resources').map(hashless)));
const coreOnly: View = (body) => only('resources', (item) => coreResources.test(String(item.name)))(resources(body));
const core: View = (body) =>
  sorted(
    withList(
      body,
      'items',
      listOf(body, 'items').map(
        (item) =>
          withList(
            item,
            'versions',
            listOf(item, 'versions').map(
              (version) =>
                withList(
                  version,
                  'resources',
                  listOf(version, 'resources').filter(({ resource }) => coreResources.test(String(resource))),
                ) as JsonObject,
            ),
          ) as JsonObject,
      ),
    ),
  );
const ours: View = (body) => sorted(only('items', (item) => groups.includes(named(item)))(body));
const paths: View = (body) =>
  isJsonObject(body) && isJsonObject(body.paths)
    ? Object.fromEntries(
        Object.entries(body.paths).filter(
          ([path]) => groups.includes(path.split('/')[1] ?? '') || path === 'api/v1' || path === 'version',
        ),
      )
    : body;

const aggregated = (as: string) => `application/json;g=apidiscovery.k8s.io;v=${as};as=APIGroupDiscoveryList`;
const group = 'discovery.recordings.io';

/** Discovery documents of what both servers have, and where OpenAPI is. KA-10 to KA-17, KA-21 */
export const discovery: readonly Scenario[] = [
  scenario(
    'discovery',
    ...established(
      crd({
        group,
        plural: 'finds',
        kind: 'Find',
        names: { shortNames: ['fd'], categories: ['all', 'found'] },
        properties: {
          spec: schemaOf.object({ n: schemaOf.integer }),
          status: schemaOf.object({ n: schemaOf.integer }),
        },
        version: {
          subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
        },
      }),
    ),
    get(`/apis/${group}`, { until: ['kind', 'APIGroup'] }),
    get(`/apis/${group}/v1`, { view: resources }),
    get('/api'),
    get('/apis', { view: only('groups', (item) => groups.includes(named(item))) }),
    get('/api/v1', { view: coreOnly }),
    ...groups.slice(0, -1).flatMap((name) => [get(`/apis/${name}`), get(`/apis/${name}/v1`, { view: resources })]),
    accepting(aggregated('v2'), get('/api', { view: core })),
    accepting(aggregated('v2'), get('/apis', { view: ours })),
    accepting(`${aggregated('v2beta1')},application/json`, get('/apis', { view: ours })),
    accepting(`${aggregated('v2')};profile=nopeer,${aggregated('v2')},application/json`, get('/api', { view: core })),
    accepting(aggregated('v9'), get('/apis')),
    accepting(`${aggregated('v9')},application/json`, get('/api')),
    accepting('application/yaml', get('/api', { view: () => '<yaml>' })),
    accepting('application/json;as=Table;v=v1;g=meta.k8s.io,application/json', get('/api')),
    get('/api/'),
    get('/apis/'),
    get('/apis/coordination.k8s.io/'),
    get('/openapi/v3', { view: paths, until: ['kind', ''] }),
    get('/openapi/v3/apis/none.io/v1'),
    get('/openapi/v3/api/v1?hash=0000', { view: () => '<document>' }),
    accepting('text/html', get('/openapi/v3')),
    accepting('text/html', get('/openapi/v2')),
    get('/healthz'),
    get('/livez'),
    get('/readyz'),
    get('/livez/ping'),
    get('/readyz/none'),
    get('/version', { view: (body) => Object.keys(body as JsonObject).sort() }),
  ),
];
