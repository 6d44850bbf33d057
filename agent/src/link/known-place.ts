import { memberNamespaceName } from '@quarterdeck/apis';
import type { KnownHub, WorkCache } from '../cache/work-cache.ts';
import type { PatienceOptions } from '../member/once-it-answers.ts';

/** Where the member stands on the hub, and which hub that is. */
export type HubPlace = Pick<KnownHub, 'hubNamespace' | 'hubUID'>;

/** What was kept of this very hub for this very member: the directory may have been another agent's. */
export async function knownHub(
  cache: WorkCache | undefined,
  { hubUrl, clusterName }: { readonly hubUrl: string; readonly clusterName: string },
): Promise<KnownHub | undefined> {
  const known = await cache?.load();
  return known?.hubUrl === hubUrl && known.hubNamespace === memberNamespaceName(clusterName) ? known : undefined;
}

/** A hub that answers by then has the word; one that does not is known from before, if it is. F-14 */
const hubPatienceMs = 5_000;

/** The place that the hub gives, or without an answer of it the one that is known from before. F-14 */
export async function placeOnHub(
  registering: Promise<HubPlace>,
  known: HubPlace | undefined,
  { clock, logger, signal }: PatienceOptions,
): Promise<HubPlace> {
  if (known === undefined) return await registering;
  registering.catch(() => {}); // it may come later than it is waited for
  const answer = await Promise.race([registering, clock.sleep(hubPatienceMs, signal).then(() => undefined)]);
  if (answer === undefined)
    logger.warn({}, 'the hub is away, or does not let this agent in; the member is kept as it was last asked for');
  return answer ?? known;
}
