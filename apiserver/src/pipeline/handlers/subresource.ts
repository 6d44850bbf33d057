import { badRequest, invalid, notFound } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { dataKind } from '../../builtin/data-kind.ts';
import type { ResourceDefinition, Subresource, Verb, VersionDefinition } from '../../registry/definition.ts';
import { invalidField, objectAt, stringAt } from '../../registry/fields.ts';
import { withConversions } from '../convert.ts';
import { methodNotAllowed } from '../errors.ts';
import { keyOf } from '../names.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { admitValidating } from '../write/admit.ts';
import { admittedCreate } from '../write/create.ts';
import { updateObject } from '../write/update.ts';
import { parseWriteOptions, type WriteOptions } from '../write-options.ts';
import { actionContext } from './action-context.ts';
import { handlePatch } from './patch.ts';
import { handleGet } from './read.ts';
import { handleScale } from './scale.ts';
import { handleUpdate, readConformed } from './write.ts';

/** The verbs that a subresource of this type knows. */
export function subresourceVerbs(subresource: Subresource): readonly Verb[] {
  switch (subresource.type) {
    case 'status':
    case 'scale':
      return ['get', 'update', 'patch'];
    case 'part':
      return subresource.verbs ?? ['get', 'update', 'patch'];
    case 'order':
      return ['create'];
    case 'action':
    case 'connect':
      return subresource.verbs;
    default:
      return subresource satisfies never;
  }
}

/** A request to `/RESOURCE/NAME/SUBRESOURCE`. KA-64, KA-65, KA-131 */
export async function handleSubresource(scope: RequestScope, subresource: Subresource): Promise<Answer> {
  const { verb } = scope.info;
  if (!subresourceVerbs(subresource).some((known) => known === verb)) throw methodNotAllowed();
  switch (subresource.type) {
    case 'status':
    case 'part':
      // What of the object may change is decided where all updates end, in write/update.
      if (verb === 'get') return handleGet(scope);
      return verb === 'update' ? handleUpdate(scope) : handlePatch(scope);
    case 'scale':
      return handleScale(scope, subresource);
    case 'action':
      return handleAction(scope, subresource);
    case 'order':
      return handleOrder(scope, subresource);
    case 'connect':
      // The pipeline hands these on before an answer of ours is looked for.
      throw methodNotAllowed();
    default:
      return subresource satisfies never;
  }
}

type Action = Extract<Subresource, { type: 'action' }>;
type Order = Extract<Subresource, { type: 'order' }>;

/** Kinds of what is sent to actions and orders, which is stored nowhere. */
const sentKinds = new WeakMap<Action | Order, ResourceDefinition>();

function sentKind(to: Action | Order): ResourceDefinition {
  const { group, version, kind } = to;
  const schema = to.type === 'action' && to.schema !== undefined ? { schema: to.schema } : {};
  const known = sentKinds.get(to) ?? dataKind({ group, version, kind, plural: '', scope: 'Namespaced', ...schema });
  sentKinds.set(to, known);
  return known;
}

/** What was sent, as an object of its own kind, by its own schema. KA-61 */
function readSent(scope: RequestScope, to: Action | Order, options: WriteOptions): Promise<JsonObject> {
  const definition = sentKind(to);
  const resource = { definition, version: definition.versions[0] as VersionDefinition };
  return readConformed({ ...scope, resource }, options);
}

async function handleAction(scope: RequestScope, action: Action): Promise<Answer> {
  const options = parseWriteOptions(scope.request, 'CreateOptions');
  const request = await readSent(scope, action, options);
  await scope.server.store.fresh(scope.signal);
  if (scope.server.store.get(keyOf(scope)) === undefined) throw notFound(scope.resource.definition, scope.info.name);
  refuseOtherName(scope, action, request);
  await withConversions(scope, () => admitSent(scope, action, { request, options }));
  const value = await action.handle(request, actionContext(scope, options.dryRun));
  return { type: 'document', status: 201, value };
}

/** What is sent is admitted as what it is, so that policies can say who gets a token, or what may be evicted. KA-135, KA-137b */
function admitSent(
  scope: RequestScope,
  { group, version, kind }: Action,
  { request, options }: { readonly request: JsonObject; readonly options: WriteOptions },
): void {
  const form = { group, version, kind, show: (object: JsonObject) => object, takeBack: (object: JsonObject) => object };
  admitValidating(scope, { ...admittedCreate({ options }, scope.info.name), form }, request, undefined);
}

async function handleOrder(scope: RequestScope, order: Order): Promise<Answer> {
  const { info } = scope;
  const options = parseWriteOptions(scope.request, 'CreateOptions');
  const given = await readSent(scope, order, options);
  await scope.server.store.fresh(scope.signal);
  if (stringAt(given, 'metadata', 'name') !== info.name) {
    throw badRequest(`the name in the URL is not the name in the ${order.kind} object`);
  }
  const errors = order.validate(given);
  if (errors.length > 0) throw invalid(order, info.name, errors);
  const { uid, resourceVersion } = objectAt(given, 'metadata');
  const pins = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  const transform = (live: JsonObject): JsonObject => {
    const next = order.obey(live, given, scope.now);
    const { resourceVersion: _seen, ...metadata } = objectAt(next, 'metadata');
    return { ...next, metadata: { ...metadata, ...pins } };
  };
  await updateObject(scope, { options, replaces: false, tracked: true, transform });
  return { type: 'document', status: 201, value: { ...success } };
}

const success: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** The name is in the URL; the body may repeat it. KA-121 */
function refuseOtherName({ info, resource }: RequestScope, action: Action, request: JsonObject): void {
  const name = stringAt(request, 'metadata', 'name');
  if (name === '' || name === info.name) return;
  const parent = resource.definition.kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const why = `must match the ${parent} name if specified`;
  throw invalid(action, info.name, [invalidField('metadata.name', name, why)]);
}
