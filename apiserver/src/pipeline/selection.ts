import { badRequest } from '@quarterdeck/apis';
import {
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from '@quarterdeck/machinery';
import type { Entry } from '../cache/store.ts';
import type { ResourceDefinition } from '../registry/definition.ts';
import type { RequestScope } from './scope.ts';

/** Which of a collection's objects a list or watch is about; undefined: all of them. KA-81, KA-88 */
export type Selection = ((entry: Entry) => boolean) | undefined;

/**
 * From labelSelector and fieldSelector, and the name of a watch on one object.
 * @throws ApiError BadRequest for what does not parse, and for fields that this kind does not select by
 */
export function parseSelection(scope: RequestScope): Selection {
  const { query } = scope.request;
  const labels = refusing(() => parseLabelSelector(query.get('labelSelector') ?? ''));
  const fields = refusing(() => parseFieldSelector(query.get('fieldSelector') ?? ''));
  const { definition, version } = scope.resource;
  const selectable = definition.selectableFields.filter(({ versions }) => versions?.includes(version.name) ?? true);
  for (const { field } of fields) {
    if (!isMetadataField(field) && !selectable.some(({ path }) => path === field)) {
      throw badRequest(unsupported(definition, field));
    }
  }
  const name = scope.info.item ? scope.info.name : undefined;
  if (labels.length === 0 && fields.length === 0 && name === undefined) return undefined;
  return (entry) =>
    (name === undefined || entry.key.name === name) &&
    matchesLabels(labels, entry.index.labels) &&
    matchesFields(fields, (field) => fieldOf(entry, field));
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
