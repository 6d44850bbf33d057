import { createHash } from 'node:crypto';
import { ApiError, apiVersionOf, Event, formatTime, type Stored, Work } from '@quarterdeck/apis';
import { beginningOf } from '@quarterdeck/machinery';
import { isHubAway } from './hub-away.ts';
import type { ReadManifest } from './manifest.ts';
import type { Pass } from './options.ts';

/** What people shall notice beside the conditions, as an Event on the Work. */
export interface WorkEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Applied' | 'ApplyFailed' | 'Degraded' | 'Recovered' | 'Removed' | 'DriftRepaired' | 'DriftFight';
  readonly message: string;
  /** Tells it from others of its reason, and stands for the same one whenever it is told. Default: message and hour. */
  readonly key?: string;
}

/** Somebody changes fields as often as we put them back: from now on repairs take their time. DL-21 */
export async function tellFights(
  pass: Pass,
  work: Stored<Work>,
  { gvk, namespace, name }: ReadManifest,
  fields: readonly { readonly path: string; readonly manager?: string }[],
): Promise<void> {
  if (fields.length === 0) return;
  const object = `${gvk.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  const managers = [...new Set(fields.map(({ manager }) => manager ?? 'somebody'))].join(', ');
  const paths = fields.map(({ path }) => path).join(', ');
  const message = `${managers} changes ${paths} of ${object} again and again; it is put back less often from now on`;
  await tell(pass, work.metadata, { type: 'Warning', reason: 'DriftFight', message });
}

/**
 * Telling is a courtesy: a hub that takes no event, or is away, changes nothing. What was told before is not told again.
 * @returns whether there is no more to do: false when the hub was away
 */
export async function tell(
  { hubClient, clock, logger, signal }: Pick<Pass, 'hubClient' | 'clock' | 'logger' | 'signal'>,
  { name, namespace, uid }: Pick<Stored<Work>['metadata'], 'name' | 'namespace' | 'uid'>,
  { type, reason, message, key: ownKey }: WorkEvent,
): Promise<boolean> {
  const now = clock.now();
  const key = ownKey ?? `${message} ${Math.floor(now / 3_600_000)}`;
  const suffix = createHash('sha256').update(`${uid} ${reason} ${key}`).digest('hex').slice(0, 16);
  const at = formatTime(now);
  const event: Event = {
    apiVersion: apiVersionOf(Event),
    kind: Event.kind,
    metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? '' },
    involvedObject: { apiVersion: apiVersionOf(Work), kind: Work.kind, name, namespace: namespace ?? '', uid },
    type,
    reason,
    message: beginningOf(message, 1024),
    source: { component: 'quarterdeck-agent' },
    reportingComponent: 'quarterdeck-agent',
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
  };
  try {
    await hubClient.create(Event, event, { signal });
    return true;
  } catch (error) {
    const isKnown = error instanceof ApiError && error.code === 409;
    if (!isKnown)
      logger.debug(
        { reason: error instanceof Error ? error.message : String(error) },
        'an event did not reach the hub',
      );
    return !isHubAway(error);
  }
}
