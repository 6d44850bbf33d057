import { badRequest } from '@quarterdeck/apis';
import {
  type JsonObject,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from '@quarterdeck/machinery';
import type { Entry, ListRequest } from '../cache/store.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import { objectAt } from '../registry/fields.ts';
import { type ResolvedResource, storageName } from '../registry/registry.ts';
import { isConvertedByWebhook } from './convert.ts';
import type { RequestScope } from './scope.ts';
import { servedEntry } from './served.ts';

/** Which of a collection's objects a list or watch is about; undefined: all of them. KA-81, KA-88 */
export type Selection = ((entry: Entry) => boolean) | undefined;

/**
 * From labelSelector and fieldSelector, and the name of a watch on one object.
 * @throws ApiError BadRequest for what does not parse, and for fields that this kind does not select by
 */
export function parseSelection(scope: RequestScope): Selection {
  const labels = labelsIn(scope);
  const fields = fieldsOf(scope);
  const { definition, version } = scope.resource;
  const selectable = definition.selectableFields.filter(({ versions }) => versions?.includes(version.name) ?? true);
  for (const { field } of fields) {
    if (!isMetadataField(field) && !selectable.some(({ path }) => path === field)) {
      throw badRequest(unsupported(definition, field));
    }
  }
  const name = scope.info.item ? scope.info.name : undefined;
  if (labels.length === 0 && fields.length === 0 && name === undefined) return undefined;
  return selectionOf({ resource: scope.resource, labels, fields, name, selectable });
}

interface Wanted {
  readonly resource: ResolvedResource;
  readonly labels: ReturnType<typeof labelsIn>;
  readonly fields: ReturnType<typeof fieldsOf>;
  readonly name: string | undefined;
  readonly selectable: ResourceDefinition['selectableFields'];
}

/** Apart, so that what a watch selects by does not keep the request that it came with. */
function selectionOf({ resource, labels, fields, name, selectable }: Wanted): Selection {
  // A webhook may change labels and fields alike: what counts is what is shown. KA-106b
  if (isConvertedByWebhook(resource)) {
    return (entry) => {
      const object = servedEntry(resource, entry).value();
      const selected = (field: string) => selectable.find(({ path }) => path === field)?.value(object) ?? '';
      return (
        (name === undefined || entry.key.name === name) &&
        matchesLabels(labels, labelsOf(object)) &&
        matchesFields(fields, (field) => (isMetadataField(field) ? fieldOf(entry, field) : selected(field)))
      );
    };
  }
  return (entry) =>
    (name === undefined || entry.key.name === name) &&
    matchesLabels(labels, entry.index.labels) &&
    matchesFields(fields, (field) => fieldOf(entry, field));
}

const labelsIn = ({ request }: RequestScope) =>
  refusing(() => parseLabelSelector(request.query.get('labelSelector') ?? ''));

const fieldsOf = ({ request }: RequestScope) =>
  refusing(() => parseFieldSelector(request.query.get('fieldSelector') ?? ''));

/**
 * Where in the store to look. A request about one object, by its path or its selector, looks at that one alone: each agent
 * follows its own MemberCluster, and not those of all others.
 */
export function placeOf(scope: RequestScope): Pick<ListRequest, 'resource' | 'namespace' | 'name'> {
  const { definition } = scope.resource;
  const isNamespaced = definition.scope === 'Namespaced';
  const { namespace } = scope.info;
  const place = { resource: storageName(definition), ...(isNamespaced && namespace !== '' ? { namespace } : {}) };
  if (isNamespaced && namespace === '') return place;
  const pinned = fieldsOf(scope).find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value;
  const name = scope.info.item ? scope.info.name : pinned;
  return name === undefined ? place : { ...place, name };
}

function labelsOf(object: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(object, 'metadata', 'labels'));
  return Object.fromEntries(entries.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}

/** Kinds that select by their metadata alone say by what. */
function unsupported({ origin, selectableFields }: ResourceDefinition, field: string): string {
  if (origin === 'custom' || selectableFields.length > 0) return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

const isMetadataField = (field: string) => field === 'metadata.name' || field === 'metadata.namespace';

function fieldOf(entry: Entry, field: string): string {
  if (field === 'metadata.name') return entry.key.name;
  if (field === 'metadata.namespace') return entry.key.namespace;
  return entry.index.fields[field] ?? '';
}

function refusing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}
