import { badRequest, invalid, notFound } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { Subresource, Verb } from '../../registry/definition.ts';
import { invalidField, objectAt, stringAt } from '../../registry/fields.ts';
import { bodyEncodings, decodeBody } from '../decode-object.ts';
import { methodNotAllowed } from '../errors.ts';
import { keyOf } from '../names.ts';
import { checkTypeMeta, withTypeMeta } from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { updateObject } from '../write/update.ts';
import { parseWriteOptions } from '../write-options.ts';
import { actionContext } from './action-context.ts';
import { handlePatch } from './patch.ts';
import { handleGet } from './read.ts';
import { handleScale } from './scale.ts';
import { handleUpdate } from './write.ts';

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

async function handleAction(scope: RequestScope, action: Action): Promise<Answer> {
  const options = parseWriteOptions(scope.request, 'CreateOptions');
  await scope.server.store.fresh(scope.signal);
  if (scope.server.store.get(keyOf(scope)) === undefined) throw notFound(scope.resource.definition, scope.info.name);
  const decoded = await decodeBody(scope.request, bodyEncodings(scope.resource), scope.server);
  const request = withTypeMeta(decoded?.value ?? {}, action);
  checkTypeMeta(request, action);
  refuseOtherName(scope, action, request);
  const value = await action.handle(request, actionContext(scope, options.dryRun));
  return { type: 'document', status: 201, value };
}

type Order = Extract<Subresource, { type: 'order' }>;

async function handleOrder(scope: RequestScope, order: Order): Promise<Answer> {
  const { info, request, resource, server } = scope;
  const options = parseWriteOptions(request, 'CreateOptions');
  await server.store.fresh(scope.signal);
  const decoded = await decodeBody(request, bodyEncodings(resource), server);
  const given = withTypeMeta(decoded?.value ?? {}, order);
  checkTypeMeta(given, order);
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
