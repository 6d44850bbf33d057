import { isJsonObject, type JsonObject, labelSelectorToRequirements, matchesLabels } from '@quarterdeck/machinery';
import type { Entry, Store } from '../../cache/store.ts';
import { servedEntry } from '../../pipeline/served.ts';
import { stringAt, valueAt } from '../../registry/fields.ts';
import { type Registry, type ResolvedResource, storageName } from '../../registry/registry.ts';
import type { StoredBinding, StoredPolicy } from './policy-objects.ts';

export interface ParamWorld {
  readonly store: Pick<Store, 'get' | 'list'>;
  readonly registry: Pick<Registry, 'resolveKind'>;
}

export type Params =
  /** One evaluation each; undefined: one without parameter. */
  | { readonly params: readonly (JsonObject | undefined)[] }
  /** Why they cannot be told. `of`: whose mistake it is. */
  | { readonly problem: string; readonly of: 'policy' | 'binding' };

/** The parameters of a binding for a request in this namespace (empty: cluster-scoped). KA-137b */
export function paramsOf(policy: StoredPolicy, binding: StoredBinding, namespace: string, world: ParamWorld): Params {
  const { paramKind } = policy;
  const { paramRef } = binding;
  if (paramKind === undefined) return { params: [undefined] };
  const resource = resolveParamKind(paramKind, world);
  if (resource === undefined) {
    return { of: 'policy', problem: `failed to find resource referenced by paramKind: '${kindText(paramKind)}'` };
  }
  if (paramRef === undefined) return { params: [undefined] };
  const where = namespaceOf(resource, paramRef, namespace);
  if ('problem' in where) return { of: 'binding', problem: where.problem };
  const params = find(resource, paramRef, where.namespace, world).map((entry) => paramObject(resource, entry));
  if (params.length === 0 && stringAt(paramRef, 'parameterNotFoundAction') === 'Deny') {
    return { of: 'binding', problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
  }
  return { params };
}

function groupVersionOf(paramKind: JsonObject): readonly [group: string, version: string] {
  const apiVersion = stringAt(paramKind, 'apiVersion');
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

function resolveParamKind(paramKind: JsonObject, { registry }: ParamWorld): ResolvedResource | undefined {
  const [group, version] = groupVersionOf(paramKind);
  return registry.resolveKind(group, version, stringAt(paramKind, 'kind'));
}

/** As Go prints it. */
const kindText = (paramKind: JsonObject): string =>
  `${stringAt(paramKind, 'apiVersion')}, Kind=${stringAt(paramKind, 'kind')}`;

function namespaceOf(
  { definition }: ResolvedResource,
  paramRef: JsonObject,
  requested: string,
): { readonly namespace: string } | { readonly problem: string } {
  const own = stringAt(paramRef, 'namespace');
  if (definition.scope === 'Cluster') {
    return own === ''
      ? { namespace: '' }
      : { problem: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  }
  const namespace = own || requested;
  return namespace === ''
    ? { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
    : { namespace };
}

function find(
  { definition }: ResolvedResource,
  paramRef: JsonObject,
  namespace: string,
  { store }: ParamWorld,
): readonly Entry[] {
  const resource = storageName(definition);
  const name = stringAt(paramRef, 'name');
  if (name !== '') {
    const entry = store.get({ resource, namespace, name });
    return entry === undefined ? [] : [entry];
  }
  const selector = valueAt(paramRef, 'selector');
  const requirements = isJsonObject(selector) ? labelSelectorToRequirements(selector) : [];
  return store.list({ resource, namespace, matches: ({ index }) => matchesLabels(requirements, index.labels) }).entries;
}

const decoded = new WeakMap<Entry, WeakMap<ResolvedResource['version'], JsonObject>>();

function paramObject(resource: ResolvedResource, entry: Entry): JsonObject {
  const known = decoded.get(entry) ?? new WeakMap<ResolvedResource['version'], JsonObject>();
  const object = known.get(resource.version) ?? servedEntry(resource, entry).value();
  known.set(resource.version, object);
  decoded.set(entry, known);
  return object;
}
