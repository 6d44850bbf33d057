import { fencedClient, runWithLease } from '@quarterdeck/machinery';
import { serviceAccountGroups } from '../authn/impersonation.ts';
import { leaderRole } from '../authz/bootstrap-rbac.ts';
import { serviceAccountUser } from '../authz/rbac-objects.ts';
import { createApiControllers } from './all.ts';
import type { ControllerContext } from './context.ts';

/** The Lease in kube-system of the process that runs the controllers of the API. KA-146 */
export const apiControllersLease = Object.freeze({ namespace: 'kube-system', name: leaderRole.leaseName });

export interface LeadingOptions extends ControllerContext {
  /** Unique per process. */
  readonly identity: string;
  /** Default: nobody is known to be gone. See machinery's LeaseOptions. */
  readonly isGone?: (holder: string) => boolean;
}

/**
 * Runs the controllers of the API while this process holds their Lease, again and again, until the signal aborts: of several
 * processes on one database one does the work. Their clients refuse writes once the Lease may have expired. An instance
 * that is alone by construction starts {@link createApiControllers} itself. KA-146, F-19
 */
export async function runApiControllers(options: LeadingOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, identity, isGone } = options;
  const account = {
    name: serviceAccountUser('kube-system', leaderRole.account),
    groups: [...serviceAccountGroups('kube-system'), 'system:authenticated'],
  };
  await runWithLease({
    ...apiControllersLease,
    client: options.client(account),
    identity,
    clock,
    logger,
    signal,
    ...(isGone === undefined ? {} : { isGone }),
    async onStarted(term, lease) {
      const background = createApiControllers({
        ...options,
        client: (user) => fencedClient(options.client(user), lease),
      });
      background.start(term);
      logger.info({ identity }, 'this server runs the controllers of the API');
      await background.stopped;
    },
  });
}
