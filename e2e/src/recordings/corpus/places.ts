import { encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { get, patch, post, type Scenario, type Step, scenario, silently } from '../step.ts';
import { answerReview } from './converter.ts';
import { crds, object, schemaOf } from './objects.ts';

/** A kind that has `spec.address` in v1 and `spec.host` with `spec.port` in v2, in a group for each scenario. */
export interface Place {
  readonly group: string;
  /** The path of the objects of the scenario's namespace, or of one of them. @param rest a name, or a query with its `?` */
  at(version: string, rest?: string): string;
  one(version: string, name: string, spec: JsonObject, metadata?: JsonObject): JsonObject;
}

export const place = (name: string): Place => {
  const group = `${name}.recordings.io`;
  return {
    group,
    at(version, rest = '') {
      const path = `/apis/${group}/${version}/namespaces/{ns}/places`;
      return rest === '' || rest.startsWith('?') ? `${path}${rest}` : `${path}/${rest}`;
    },
    one: (version, name, spec, metadata = {}) => object(`${group}/${version}`, 'Place', name, { metadata, spec }),
  };
};

export const version = (name: string, storage: boolean, spec: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage,
  subresources: { status: {} },
  schema: {
    openAPIV3Schema: schemaOf.object({
      spec: schemaOf.object({ ...spec, note: schemaOf.string, size: { ...schemaOf.integer, default: 1 } }),
      status: schemaOf.object({ seen: schemaOf.string }),
    }),
  },
  ...more,
});
const columns = (field: string) => [{ name: 'Where', type: 'string', jsonPath: `.spec.${field}` }];
export const first = (storage = true): JsonObject =>
  version('v1', storage, { address: schemaOf.string }, { additionalPrinterColumns: columns('address') });
export const second = (storage = false): JsonObject =>
  version(
    'v2',
    storage,
    { host: schemaOf.string, port: schemaOf.string, extra: { type: 'string', default: 'none' } },
    { additionalPrinterColumns: columns('host'), selectableFields: [{ jsonPath: '.spec.host' }] },
  );

export const byUrl: JsonObject = { url: '{webhook}', caBundle: '{webhookCa}' };

/** Makes the kind with v1 stored and v2 beside it, and waits until both are served; silent. */
export function converted({ group }: Place, clientConfig = byUrl, reviewVersions: readonly string[] = ['v1']): Step[] {
  const versions = [first(), second()];
  const conversionReviewVersions = [...reviewVersions];
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `places.${group}`, {
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'places', kind: 'Place', singular: 'place', listKind: 'PlaceList' },
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions } },
      versions,
    },
  });
  // A port is a number, once it is known.
  const body = encodeJson(definition).replace('"{webhookPort}"', '{webhookPort}');
  return [silently(post(crds, body)), ...['v1', 'v2'].map((name) => served(group, name))];
}

/** Gives the kind other versions, and waits until one is served that it did not have: the others are then too. */
export const changed = ({ group }: Place, versions: readonly JsonObject[], added: string): Step[] => [
  silently(patch('merge', `${crds}/places.${group}`, { spec: { versions: [...versions] } })),
  served(group, added),
];

const served = (group: string, version: string): Step =>
  silently(get(`/apis/${group}/${version}/places`, { until: ['kind', 'PlaceList'] }));

/** A scenario beside which the webhook runs. */
export const converting = (name: string, ...steps: readonly (Step | readonly Step[])[]): Scenario => ({
  ...scenario(name, ...steps),
  webhook: answerReview,
});

/** Of a list: the names and specs of its items. */
export const specsOf = (body: JsonValue): JsonValue => {
  const items = isJsonObject(body) && Array.isArray(body.items) ? body.items : [];
  return items.map((item) => {
    const { apiVersion = '', metadata = {}, spec = null } = item as JsonObject;
    return { apiVersion, name: (metadata as JsonObject).name ?? '', spec };
  });
};
/** Of a CRD. */
export const storedVersions = (body: JsonValue): JsonValue =>
  ((body as JsonObject).status as JsonObject).storedVersions ?? null;

export const address = (text: string): JsonObject => ({ address: text });
export const host = (name: string, port: string): JsonObject => ({ host: name, port });
