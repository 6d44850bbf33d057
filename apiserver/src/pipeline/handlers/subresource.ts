import { badRequest, notFound } from '@quarterdeck/apis';
import { isJsonObject } from '@quarterdeck/machinery';
import type { Subresource, Verb } from '../../registry/definition.ts';
import { bodyEncodings, decodeBody } from '../decode-object.ts';
import { methodNotAllowed } from '../errors.ts';
import { keyOf } from '../names.ts';
import { checkTypeMeta, withTypeMeta } from '../schema-pass.ts';
import type { Answer, RequestScope } from '../scope.ts';
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
    case 'part':
      return ['get', 'update', 'patch'];
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
    case 'connect':
      // The pipeline hands these on before an answer of ours is looked for.
      throw methodNotAllowed();
    default:
      return subresource satisfies never;
  }
}

async function handleAction(scope: RequestScope, action: Extract<Subresource, { type: 'action' }>): Promise<Answer> {
  const options = parseWriteOptions(scope.request, 'CreateOptions');
  await scope.server.store.fresh(scope.signal);
  if (scope.server.store.get(keyOf(scope)) === undefined) throw notFound(scope.resource.definition, scope.info.name);
  const decoded = await decodeBody(scope.request, bodyEncodings(scope.resource), scope.server);
  const request = withTypeMeta(decoded?.value ?? {}, action);
  checkTypeMeta(request, action);
  const metadata = isJsonObject(request.metadata) ? request.metadata : {};
  if (![undefined, '', scope.info.name].includes(metadata.name as string | undefined)) {
    throw badRequest(`the name of the object does not match the name on the URL (${scope.info.name})`);
  }
  const value = await action.handle(request, actionContext(scope, options.dryRun));
  return { type: 'document', status: 201, value };
}
