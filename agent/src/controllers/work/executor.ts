import { type AppliedWork, annotation, ManifestReason, type Work } from '@quarterdeck/apis';
import type { Executor, Executors } from '../../member/executors.ts';
import type { ManifestProblem } from './manifest.ts';
import type { NamespaceDefault } from './options.ts';
import { readPolicy } from './policy.ts';

/** Who a Work is executed as. DL-30, WK-41 */
export type WorkExecutor =
  | (Executor & { readonly serviceAccount: string | undefined })
  | { readonly problem: ManifestProblem };

/**
 * The executor that a Work names, or the default of its namespace on the hub, or that of the member. One that cannot be had is a
 * refusal: never another's rights instead.
 */
export function executorOf(
  executors: Executors,
  { metadata }: Work,
  { serviceAccount: namespaceDefault }: NamespaceDefault,
): WorkExecutor {
  const serviceAccount = metadata.annotations?.[annotation.executeAs] ?? namespaceDefault;
  const invalid = (message: string) => ({ problem: { reason: ManifestReason.InvalidManifest, message } });
  if (serviceAccount !== undefined) {
    const policy = readPolicy({ [annotation.executeAs]: serviceAccount });
    if ('problem' in policy) return invalid(policy.problem);
  }
  const dryRun = metadata.annotations?.[annotation.dryRun];
  if (dryRun !== undefined) {
    const policy = readPolicy({ [annotation.dryRun]: dryRun });
    if ('problem' in policy) return invalid(policy.problem);
  }
  const executor = executors.get(serviceAccount);
  if (executor !== undefined) return { ...executor, serviceAccount };
  return invalid(`this agent acts as its default executor only; it cannot act as ${serviceAccount}`);
}

/** The one that the objects were applied as, by the journal: what is deleted is deleted with the same rights. SEC-11 */
export function recordedExecutor(executors: Executors, { metadata }: AppliedWork): Executor {
  const executor = executors.get(metadata.annotations?.[annotation.executeAs]) ?? executors.get(undefined);
  if (executor === undefined) throw new Error('there is no default executor');
  return executor;
}
