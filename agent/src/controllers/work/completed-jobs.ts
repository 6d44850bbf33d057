import { type AppliedWork, annotation } from '@quarterdeck/apis';
import { isComplete } from '../../health/pods.ts';
import { identityOf } from './manifest.ts';
import type { ManifestResult } from './manifest-result.ts';

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

/**
 * The annotation after a pass: Jobs that left the Work are forgotten. Undefined: there are none.
 * @param results of all manifests, those among them that could not be handled this time: their Jobs have not left
 * @param isUnclear some manifest does not say which object it is about, so that none is known to have left
 */
export function withCompleted(
  applied: AppliedWork,
  results: readonly ManifestResult[],
  isUnclear: boolean,
): string | undefined {
  const before = completedJobs(applied);
  const lines = results.flatMap(({ gvk, identifier, live, appliedHash, problem }) => {
    if (gvk?.group !== 'batch' || gvk.kind !== 'Job') return [];
    const identity = identityOfResult(gvk, identifier);
    const isDone = problem === undefined && live !== undefined && isComplete(live);
    const hash = isDone ? appliedHash : before.get(identity);
    return hash === undefined ? [] : [`${identity}=${hash}`];
  });
  const told = new Set(results.map(({ gvk, identifier }) => identityOfResult(gvk, identifier)));
  const others = isUnclear ? [...before].filter(([identity]) => !told.has(identity)) : [];
  const all = [...lines, ...others.map(([identity, hash]) => `${identity}=${hash}`)];
  return all.length === 0 ? undefined : all.join('\n');
}

const identityOfResult = (gvk: ManifestResult['gvk'], { namespace = '', name = '' }: ManifestResult['identifier']) =>
  identityOf({ group: gvk?.group ?? '', kind: gvk?.kind ?? '', namespace, name });
