import type { ActionHandler, ResourceDefinition } from '../registry/definition.ts';
import { configMaps } from './configmaps.ts';
import { certificateSigningRequests } from './csrs.ts';
import { events, newEvents } from './events.ts';
import { leases } from './leases.ts';
import { namespaces } from './namespaces.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac.ts';
import { type ReviewHandlers, reviews } from './reviews.ts';
import { secrets } from './secrets.ts';
import { serviceAccounts } from './service-accounts.ts';

/** What built-in kinds need of a server: the parts that answer instead of storing. */
export interface BuiltinHandlers {
  readonly token: ActionHandler;
  readonly reviews: ReviewHandlers;
}

/** Every built-in kind that this server has, but for CustomResourceDefinitions and workloads. KA-1 */
export function builtinDefinitions(handlers: BuiltinHandlers): readonly ResourceDefinition[] {
  return [
    namespaces,
    configMaps,
    secrets,
    serviceAccounts(handlers.token),
    events,
    newEvents,
    leases,
    roles,
    clusterRoles,
    roleBindings,
    clusterRoleBindings,
    certificateSigningRequests,
    ...reviews(handlers.reviews),
  ];
}
