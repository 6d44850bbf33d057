import { forbidden } from '../../authz/forbidden.ts';
import { keyOf } from '../names.ts';
import type { Answer, RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';

/** What is there is changed, what is not is made. */
export interface Upsert {
  readonly create: () => Promise<ServedObject>;
  readonly update: () => Promise<ServedObject>;
}

/** An object that keeps coming and going: somebody else's doing, which this need not outlast. */
const attempts = 3;

/**
 * PUT or apply to an object that may not exist. Making it takes the right to create beside that of the request. KA-55c, KA-71
 * @throws ApiError Forbidden, and whatever the two refuse
 */
export async function createOrUpdate(scope: RequestScope, { create, update }: Upsert): Promise<Answer> {
  const isThere = () => scope.server.store.get(keyOf(scope)) !== undefined;
  for (let attempt = 1; ; attempt += 1) {
    const wasThere = isThere();
    try {
      if (wasThere) return { type: 'object', status: 200, object: await update() };
      authorizeCreate(scope);
      return { type: 'object', status: 201, object: await create() };
    } catch (error) {
      // It was made or deleted meanwhile, so that the other is to be done.
      if (isThere() === wasThere || attempt === attempts) throw error;
    }
  }
}

function authorizeCreate(scope: RequestScope): void {
  const { group, version, resource, subresource, namespace, name } = scope.info;
  const attributes = { user: scope.user, verb: 'create', group, version, resource, subresource, namespace, name };
  const decision = scope.server.authorizer.authorize(attributes);
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
}
