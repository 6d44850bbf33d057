import { apiVersionOf, Event, formatTime, hubFieldManager, type Placement, type Stored } from '@quarterdeck/apis';
import { type Client, type EpochMs, type Logger, microTime } from '@quarterdeck/machinery';
import type { Outcome } from '../../../scheduler/schedule.ts';

/** Something that people should hear of once. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const shown = 20;
const listOf = (names: readonly string[]): string =>
  names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;

/** What to say of a decision: nothing where nothing changed for people. */
export function noticesOf(placement: Stored<Placement>, before: ReadonlySet<string>, outcome: Outcome): Notice[] {
  const names = outcome.choices.map(({ cluster }) => cluster.name);
  const now = new Set(names);
  const gained = names.filter((name) => !before.has(name));
  const lost = [...before].filter((name) => !now.has(name)).sort();
  const notices: Notice[] = [];
  if (gained.length + lost.length > 0) {
    const parts = [
      gained.length === 0 ? '' : `chosen: ${listOf(gained)}`,
      lost.length === 0 ? '' : `no longer chosen: ${listOf(lost)}`,
    ].filter((part) => part !== '');
    const message = `${names.length} clusters; ${parts.join('; ')}`;
    notices.push({ type: 'Normal', reason: 'DecisionChanged', message });
  }
  if (outcome.unknownScores.length > 0) {
    const message = `not known of some candidates, and counted as the worst: ${listOf(outcome.unknownScores)}`;
    notices.push({ type: 'Warning', reason: 'ScoresUnknown', message });
  }
  const satisfied = placement.status?.conditions?.find(({ type }) => type === 'Satisfied');
  const isNews = satisfied?.status !== (outcome.satisfied ? 'True' : 'False') || satisfied.reason !== outcome.reason;
  if (isNews && !outcome.satisfied) notices.push({ type: 'Warning', reason: outcome.reason, message: outcome.message });
  return notices;
}

export interface NoticeContext {
  readonly hubClient: Client;
  readonly logger: Logger;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
}

/** Events are a courtesy: one that cannot be written holds nothing up. */
export async function announce(
  { hubClient, logger, now, signal }: NoticeContext,
  { apiVersion, kind, metadata }: Stored<Placement>,
  notices: readonly Notice[],
): Promise<void> {
  const { name, uid } = metadata;
  const namespace = metadata.namespace ?? '';
  for (const [index, notice] of notices.entries()) {
    const event: Event = {
      apiVersion: apiVersionOf(Event),
      kind: Event.kind,
      metadata: { name: `${name.slice(0, 200)}.${(now * 10 + index).toString(16)}`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid },
      reason: notice.reason,
      message: notice.message.slice(0, 1024),
      type: notice.type,
      action: 'Schedule',
      eventTime: microTime(now),
      firstTimestamp: formatTime(now),
      lastTimestamp: formatTime(now),
      count: 1,
      source: { component: hubFieldManager },
      reportingComponent: 'quarterdeck.dev/placement',
      reportingInstance: hubFieldManager,
    };
    try {
      await hubClient.create(Event, event, { signal, fieldManager: hubFieldManager });
    } catch (error) {
      logger.debug({ err: error }, 'an event could not be written');
    }
  }
}
