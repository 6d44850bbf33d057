import { type AppliedWork, annotation } from '@quarterdeck/apis';
import { isComplete } from '../../health/pods.ts';
import { identityOf } from './manifest.ts';
import type { ManifestResult } from './status.ts';

/**
 * Jobs that completed, by identity, with the hash of the manifest that they completed for. Recorded on the member, so that a
 * Job is not run again when it is cleaned up, and a changed one is. DL-7
 */
export function completedJobs({ metadata }: AppliedWork): ReadonlyMap<string, string> {
  const lines = (metadata.annotations?.[annotation.completedJobs] ?? '').split('\n');
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.lastIndexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

/** The annotation after a pass: Jobs that left the Work are forgotten. Undefined: there are none. */
export function withCompleted(applied: AppliedWork, results: readonly ManifestResult[]): string | undefined {
  const before = completedJobs(applied);
  const lines = results.flatMap(({ gvk, identifier, live, appliedHash, problem }) => {
    if (gvk?.group !== 'batch' || gvk.kind !== 'Job') return [];
    const identity = identityOf({ ...gvk, namespace: identifier.namespace ?? '', name: identifier.name ?? '' });
    const isDone = problem === undefined && live !== undefined && isComplete(live);
    const hash = isDone ? appliedHash : before.get(identity);
    return hash === undefined ? [] : [`${identity}=${hash}`];
  });
  return lines.length === 0 ? undefined : lines.join('\n');
}
