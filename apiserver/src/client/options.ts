import type { DeleteOptions, JsonObject, ListOptions, WatchOptions, WriteOptions } from '@quarterdeck/machinery';

/** Client options as query parameters; what is absent is left out. */
function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}

export function listQuery(options: ListOptions): URLSearchParams {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return queryOf({
    labelSelector,
    fieldSelector,
    limit,
    continue: options.continue,
    resourceVersion,
    resourceVersionMatch,
  });
}

export function watchQuery(options: WatchOptions): URLSearchParams {
  const { namespace: _namespace, signal: _signal, ...rest } = options;
  return queryOf({ watch: true, ...rest });
}

/** Strict unless said otherwise: what our own code writes has no unknown fields. */
export function writeQuery({ fieldManager, fieldValidation, dryRun }: WriteOptions): URLSearchParams {
  return queryOf({
    fieldManager,
    fieldValidation: fieldValidation ?? 'Strict',
    dryRun: dryRun === true ? 'All' : undefined,
  });
}

export function deleteBody(options: DeleteOptions): JsonObject {
  const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options;
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions: { ...preconditions } }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
}
