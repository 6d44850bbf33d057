import { apiError, apiVersionOf, badRequest, conflict, invalid, StatusReason } from '@quarterdeck/apis';
import {
  decodeJson,
  isJsonObject,
  type JsonObject,
  labelSelectorToRequirements,
  selectorToString,
} from '@quarterdeck/machinery';
import { ageColumn, countColumn, nameColumn } from '../../builtin/columns.ts';
import type { Column, Subresource } from '../../registry/definition.ts';
import { invalidField, numberAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { decodeBody } from '../decode-object.ts';
import { tableOptions } from '../render/render.ts';
import { shownInRow, tableHead } from '../render/table.ts';
import type { Answer, RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';
import { updateObject } from '../write/update.ts';
import { parseWriteOptions } from '../write-options.ts';
import { patchKindOf, runPatch } from './patch.ts';
import { readObject } from './read.ts';
import { applyScaleConfiguration } from './scale-apply.ts';

type ScaleSubresource = Extract<Subresource, { type: 'scale' }>;

const steps = (path: string) => path.split('.').filter((step) => step !== '');

/** The autoscaling/v1 view of an object's replicas. KA-65 */
function scaleOf(object: JsonObject, paths: ScaleSubresource, missingIsZero = false): JsonObject {
  const replicas = numberAt(object, ...steps(paths.specReplicasPath));
  if (replicas === undefined && !missingIsZero) {
    throw apiError(StatusReason.InternalError, `the spec replicas field "${paths.specReplicasPath}" does not exist`);
  }
  const selector = paths.labelSelectorPath === undefined ? '' : selectorOf(object, steps(paths.labelSelectorPath));
  const meta = isJsonObject(object.metadata) ? object.metadata : {};
  const kept = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(Object.entries(meta).filter(([key]) => kept.includes(key))),
    spec: { replicas: replicas ?? 0 },
    status: {
      replicas: numberAt(object, ...steps(paths.statusReplicasPath)) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/** Custom kinds keep the selector as text, built-in ones as a LabelSelector, a ReplicationController as labels. */
function selectorOf(object: JsonObject, path: readonly string[]): string {
  const value = valueAt(object, ...path);
  if (!isJsonObject(value)) return typeof value === 'string' ? value : '';
  const isSelector = value.matchLabels !== undefined || value.matchExpressions !== undefined;
  return selectorToString(labelSelectorToRequirements(isSelector ? value : { matchLabels: value }));
}

/** GET, PUT and PATCH of `/scale`. KA-65 */
export async function handleScale(scope: RequestScope, paths: ScaleSubresource): Promise<Answer> {
  switch (scope.info.verb) {
    case 'get':
      return answer(scope, await readObject(scope), paths);
    case 'update':
      return answer(scope, await replaceScale(scope, paths), paths);
    default:
      return answer(scope, await patchScale(scope, paths), paths);
  }
}

function answer(scope: RequestScope, object: ServedObject, paths: ScaleSubresource): Answer {
  const scale = scaleOf(object.value(), paths);
  return {
    type: 'document',
    status: 200,
    value: scope.representation.form === 'Table' ? tableOf(scope, scale) : scale,
  };
}

/** A Scale has columns of its own. KA-32 */
const columns: readonly Column[] = [
  nameColumn,
  countColumn('Desired', 'How many replicas are wanted.', 'spec', 'replicas'),
  countColumn('Available', 'How many replicas there are.', 'status', 'replicas'),
  ageColumn,
];

function tableOf(scope: RequestScope, scale: JsonObject): JsonObject {
  const { metaVersion, include } = tableOptions(scope);
  const head = tableHead({ resourceVersion: stringAt(scale, 'metadata', 'resourceVersion') }, columns, metaVersion);
  const cells = columns.map((column) => column.value(scale, scope.now) ?? null);
  return { ...head, rows: [{ cells, object: shownInRow(scale, { include, metaVersion }) }] };
}

async function replaceScale(scope: RequestScope, paths: ScaleSubresource): Promise<ServedObject> {
  const options = parseWriteOptions(scope.request, 'UpdateOptions');
  const decoded = await decodeBody(scope.request, ['json', 'yaml', 'protobuf'], scope.server);
  if (decoded === undefined) throw badRequest('the body of the request is empty: it must hold a Scale');
  const transform = (live: JsonObject) => applyScale(scope, live, decoded.value, paths);
  return updateObject(scope, { options, replaces: false, transform });
}

async function patchScale(scope: RequestScope, paths: ScaleSubresource): Promise<ServedObject> {
  const kind = patchKindOf(scope);
  if (kind === 'apply') return applyScaleConfiguration(scope, steps(paths.specReplicasPath));
  const options = parseWriteOptions(scope.request, 'PatchOptions');
  const { value: patch } = decodeJson(await readBody(scope.request));
  const transform = (live: JsonObject) => {
    const current = scaleOf(live, paths, true);
    const patched = runPatch(scope, kind, current, patch);
    if (!isJsonObject(patched)) throw badRequest('the result of the patch is not an object');
    const unpinned =
      valueAt(patched, 'metadata', 'resourceVersion') === valueAt(current, 'metadata', 'resourceVersion')
        ? withValue(patched, ['metadata', 'resourceVersion'], undefined)
        : patched;
    return applyScale(scope, live, unpinned, paths);
  };
  return updateObject(scope, { options, replaces: false, transform });
}

/** The parent with the Scale's replicas; resourceVersion and uid of the Scale are preconditions. */
function applyScale(scope: RequestScope, live: JsonObject, scale: JsonObject, paths: ScaleSubresource): JsonObject {
  if (scale.kind !== 'Scale' || scale.apiVersion !== 'autoscaling/v1') {
    const given = `${String(scale.apiVersion)} ${String(scale.kind)}`;
    throw badRequest(
      `the body must be a Scale of ${apiVersionOf({ group: 'autoscaling', version: 'v1' })}, not ${given}`,
    );
  }
  const name = stringAt(scale, 'metadata', 'name');
  if (name !== '' && name !== scope.info.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${scope.info.name})`);
  }
  const uid = stringAt(scale, 'metadata', 'uid');
  if (uid !== '' && uid !== stringAt(live, 'metadata', 'uid')) {
    throw conflict(scope.resource.definition, scope.info.name, 'Precondition failed: UID in precondition differs');
  }
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, scope.info.name, [
      invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  const scaled = withValue(live, steps(paths.specReplicasPath), replicas);
  const pinned = stringAt(scale, 'metadata', 'resourceVersion');
  return withValue(scaled, ['metadata', 'resourceVersion'], pinned === '' ? undefined : pinned);
}
