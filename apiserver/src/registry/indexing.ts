import type { JsonObject } from '@quarterdeck/machinery';
import { eventFields } from '../builtin/events.ts';
import type { Store } from '../cache/store.ts';
import type { ResourceDefinition, SelectableField } from './definition.ts';
import { type Registry, storageName } from './registry.ts';

/** Keeps the cache's indexes in step with the registry: what each kind's selectors ask for. KA-81 */
export function createIndexing(registry: Registry, store: Pick<Store, 'setIndexer'>): Disposable {
  return registry.onChange(({ current }) => {
    if (current === undefined || current.storedAs !== undefined) return;
    const fields = indexedFields(current);
    if (fields.length === 0) return;
    store.setIndexer(storageName(current), (object) => ({ fields: valuesOf(object, fields) }));
  });
}

/** Core events are read through two views with names of their own for the same fields. */
function indexedFields(definition: ResourceDefinition): readonly SelectableField[] {
  const isCoreEvent = definition.group === '' && definition.plural === 'events';
  return isCoreEvent ? eventFields : definition.selectableFields;
}

function valuesOf(object: JsonObject, fields: readonly SelectableField[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ path, value }) => [path, value(object)]));
}
