import { apiVersionOf, Event, formatTime, hubFieldManager, type KubeObject, type Stored } from '@quarterdeck/apis';
import { beginningOf, type Client, type EpochMs, type Logger, microTime } from '@quarterdeck/machinery';

/** Something that people should hear of once. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  readonly reason: string;
  /** What happened and what to do; cut at 1024 characters. */
  readonly message: string;
}

export interface NoticeContext {
  readonly hubClient: Client;
  readonly logger: Logger;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
  /** Name of the controller, for `reportingComponent`. */
  readonly controller: string;
}

/** Events of cluster-scoped objects stand here, where `kubectl describe` looks for them. */
const clusterEventsNamespace = 'default';

/** Tells people of a change, as Events about the object. A courtesy: one that cannot be written holds nothing up. */
export async function announce(
  { hubClient, logger, now, signal, controller }: NoticeContext,
  { apiVersion, kind, metadata }: Stored<KubeObject>,
  notices: readonly Notice[],
): Promise<void> {
  const { name, uid, namespace } = metadata;
  for (const [index, notice] of notices.entries()) {
    const event: Event = {
      apiVersion: apiVersionOf(Event),
      kind: Event.kind,
      metadata: {
        name: `${name.slice(0, 200)}.${(now * 10 + index).toString(16)}`,
        namespace: namespace ?? clusterEventsNamespace,
      },
      involvedObject: { apiVersion, kind, name, uid, ...(namespace === undefined ? {} : { namespace }) },
      reason: notice.reason,
      message: beginningOf(notice.message, 1024),
      type: notice.type,
      action: notice.reason,
      eventTime: microTime(now),
      firstTimestamp: formatTime(now),
      lastTimestamp: formatTime(now),
      count: 1,
      source: { component: hubFieldManager },
      reportingComponent: `quarterdeck.dev/${controller}`,
      reportingInstance: hubFieldManager,
    };
    try {
      await hubClient.create(Event, event, { signal, fieldManager: hubFieldManager });
    } catch (error) {
      logger.debug({ err: error }, 'an event could not be written');
    }
  }
}
