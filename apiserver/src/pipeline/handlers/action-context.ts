import type { ActionContext } from '../../registry/definition.ts';
import type { RequestScope } from '../scope.ts';

/** What a handler that answers by itself is told of the request. */
export function actionContext({ server, user, signal, now, info }: RequestScope, dryRun: boolean): ActionContext {
  const { namespace, name } = info;
  const authorize: ActionContext['authorize'] = (attributes) => server.authorizer.authorize({ user, ...attributes });
  return { user, signal, now, namespace, name, dryRun, authorize };
}
