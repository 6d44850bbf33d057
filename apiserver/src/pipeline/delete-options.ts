import { badRequest, type FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, listAt, stringAt, unsupportedField, valueAt } from '../registry/fields.ts';
import { decodeBody } from './decode-object.ts';
import { parseInteger, parseOptionalFlag } from './query.ts';
import type { RequestScope } from './scope.ts';
import { dryRunErrors, refuseOptions } from './write-options.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  /** Undefined: an `orphan` or `foregroundDeletion` finalizer already there decides, else Background. KA-58 */
  readonly propagation: 'Foreground' | 'Background' | 'Orphan' | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
}

const policies = ['Foreground', 'Background', 'Orphan'] as const;

/**
 * Options of a delete: the body when there is one, else the query. KA-57
 * @throws ApiError BadRequest, Invalid
 */
export async function readDeleteOptions(scope: RequestScope): Promise<DeleteOptions> {
  const body = await decodeBody(scope.request, ['json', 'yaml', 'protobuf'], scope.server);
  const options = body === undefined ? fromQuery(scope.request.query) : checkKind(body.value, scope);
  const errors = deleteOptionErrors(options);
  refuseOptions('DeleteOptions', errors);
  const orphan = valueAt(options, 'orphanDependents');
  const policy = policies.find((candidate) => candidate === valueAt(options, 'propagationPolicy'));
  return {
    dryRun: listAt(options, 'dryRun').includes('All'),
    propagation: orphan === true ? 'Orphan' : orphan === false ? 'Background' : policy,
    uid: stringAt(options, 'preconditions', 'uid'),
    resourceVersion: stringAt(options, 'preconditions', 'resourceVersion'),
  };
}

function checkKind(options: JsonObject, scope: RequestScope): JsonObject {
  const { definition, version } = scope.resource;
  const allowed = ['v1', 'meta.k8s.io/v1', `${definition.group}/${version.name}`];
  const kind = options.kind ?? 'DeleteOptions';
  const apiVersion = options.apiVersion ?? 'v1';
  if (kind === 'DeleteOptions' && typeof apiVersion === 'string' && allowed.includes(apiVersion)) return options;
  throw badRequest(`the body of a delete must be DeleteOptions, not ${String(apiVersion)} ${String(kind)}`);
}

function fromQuery(query: URLSearchParams): JsonObject {
  const seconds = parseInteger(query, 'gracePeriodSeconds');
  const orphan = parseOptionalFlag(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    dryRun: query.getAll('dryRun'),
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
  };
}

function deleteOptionErrors(options: JsonObject): FieldError[] {
  const policy = valueAt(options, 'propagationPolicy') ?? undefined;
  const orphan = valueAt(options, 'orphanDependents') ?? undefined;
  const seconds = valueAt(options, 'gracePeriodSeconds') ?? undefined;
  return [
    ...dryRunErrors(listAt(options, 'dryRun').map(String)),
    ...(policy === undefined || policies.some((known) => known === policy)
      ? []
      : [unsupportedField('propagationPolicy', policy, [...policies, 'nil'])]),
    ...(policy !== undefined && orphan !== undefined
      ? [invalidField('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set')]
      : []),
    ...(orphan === undefined || typeof orphan === 'boolean'
      ? []
      : [invalidField('orphanDependents', orphan, 'must be a boolean')]),
    ...(seconds === undefined || (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0)
      ? []
      : [invalidField('gracePeriodSeconds', seconds, 'must be a non-negative integer')]),
    ...(valueAt(options, 'ignoreStoreReadErrorWithClusterBreakingPotential') === true
      ? [invalidField('ignoreStoreReadErrorWithClusterBreakingPotential', true, 'is not supported by this server')]
      : []),
  ];
}
