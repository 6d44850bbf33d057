import { apiError, badRequest, conflict, StatusReason } from '@quarterdeck/apis';
import {
  decodeJson,
  isJsonObject,
  type JsonObject,
  labelSelectorToRequirements,
  selectorToString,
} from '@quarterdeck/machinery';
import { ageColumn, countColumn, nameColumn } from '../../builtin/columns.ts';
import { dataKind } from '../../builtin/data-kind.ts';
import type { Column, Subresource, VersionDefinition } from '../../registry/definition.ts';
import { numberAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { agreeOnName } from '../names.ts';
import { tableOptions } from '../render/render.ts';
import { shownInRow, tableHead } from '../render/table.ts';
import type { Answer, RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';
import type { AdmittedForm } from '../write/admit.ts';
import { anyVersion, updateObject } from '../write/update.ts';
import { parseWriteOptions } from '../write-options.ts';
import { patchKindOf, patchTransform } from './patch.ts';
import { readObject } from './read.ts';
import { applyScaleConfiguration, refuseReplicas } from './scale-apply.ts';
import { readConformed } from './write.ts';

type ScaleSubresource = Extract<Subresource, { type: 'scale' }>;

const steps = (path: string) => path.split('.').filter((step) => step !== '');
const scaleType = Object.freeze({ group: 'autoscaling', version: 'v1', kind: 'Scale' });

/** What a Scale is, as far as a request needs to know; it is stored nowhere. */
const scales = dataKind({ ...scaleType, plural: 'scales', scope: 'Namespaced' });

/** The same request, as one for a Scale of the object. */
function scaleScope(scope: RequestScope): RequestScope {
  const definition = { ...scales, scope: scope.resource.definition.scope };
  return { ...scope, resource: { definition, version: definition.versions[0] as VersionDefinition } };
}

/**
 * The autoscaling/v1 view of an object's replicas. KA-65
 * @param unset what is shown where the object has none; absent: it is an InternalError
 */
function scaleOf(object: JsonObject, paths: ScaleSubresource, unset?: number): JsonObject {
  const replicas = numberAt(object, ...steps(paths.specReplicasPath)) ?? unset;
  if (replicas === undefined) {
    throw apiError(StatusReason.InternalError, `the spec replicas field "${paths.specReplicasPath}" does not exist`);
  }
  const selector = paths.labelSelectorPath === undefined ? '' : selectorOf(object, steps(paths.labelSelectorPath));
  const meta = isJsonObject(object.metadata) ? object.metadata : {};
  const kept = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(Object.entries(meta).filter(([key]) => kept.includes(key))),
    spec: { replicas },
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

/** What admission is shown of a write: the Scale before and after, not what it scales. */
const admittedForm = (paths: ScaleSubresource): AdmittedForm => ({
  ...scaleType,
  show: (object) => scaleOf(object, paths, 0),
  takeBack: (object, scale) => withReplicas(object, scale, paths),
});

async function replaceScale(scope: RequestScope, paths: ScaleSubresource): Promise<ServedObject> {
  const options = parseWriteOptions(scope.request, 'UpdateOptions');
  const asScale = scaleScope(scope);
  const scale = agreeOnName(scope, await readConformed(asScale, options));
  const transform = (live: JsonObject) => applyScale(scope, live, scale, paths);
  return await updateObject(scope, { options, replaces: false, transform, admittedForm: admittedForm(paths) });
}

/** Stands for no replicas while a patch is at work; none can be asked for. The smallest that an int32 says, as in Kubernetes. */
const noReplicas = -(2 ** 31);

async function patchScale(scope: RequestScope, paths: ScaleSubresource): Promise<ServedObject> {
  const kind = patchKindOf(scope);
  const asScale = scaleScope(scope);
  if (kind === 'apply') {
    const path = steps(paths.specReplicasPath);
    return await applyScaleConfiguration(scope, asScale, { path, admittedForm: admittedForm(paths) });
  }
  const options = parseWriteOptions(scope.request, 'PatchOptions');
  const patched = patchTransform(asScale, options, kind, decodeJson(await readBody(scope.request)));
  const transform = (live: JsonObject) => {
    const scale = patched(scaleOf(live, paths, noReplicas));
    if (numberAt(scale, 'spec', 'replicas') === noReplicas) {
      throw badRequest(`the spec replicas field "${paths.specReplicasPath}" cannot be empty`);
    }
    return applyScale(scope, live, scale, paths);
  };
  return await updateObject(scope, { options, replaces: false, transform, admittedForm: admittedForm(paths) });
}

/** The parent with the Scale's replicas; resourceVersion and uid of the Scale are preconditions. */
function applyScale(scope: RequestScope, live: JsonObject, scale: JsonObject, paths: ScaleSubresource): JsonObject {
  const uid = stringAt(scale, 'metadata', 'uid');
  if (uid !== '' && uid !== stringAt(live, 'metadata', 'uid')) {
    throw conflict(scope.resource.definition, scope.info.name, 'Precondition failed: UID in precondition differs');
  }
  refuseReplicas(scope.info.name, scale);
  const pinned = stringAt(scale, 'metadata', 'resourceVersion');
  return withValue(
    withReplicas(live, scale, paths),
    ['metadata', 'resourceVersion'],
    pinned === '' || pinned === anyVersion ? undefined : pinned,
  );
}

const withReplicas = (object: JsonObject, scale: JsonObject, paths: ScaleSubresource): JsonObject =>
  withValue(object, steps(paths.specReplicasPath), numberAt(scale, 'spec', 'replicas') ?? 0);
