import type { HealthRule, Work, WorkReport } from '@quarterdeck/apis';
import type { Clock, Informer, Logger } from '@quarterdeck/machinery';
import type { NamespaceDefault } from '../controllers/work/options.ts';
import { createWaker } from '../waker.ts';
import { cachedReport, cachedRule, cachedWork, type KnownHub, type WorkCache } from './work-cache.ts';

export interface KeepCacheOptions {
  readonly cache: WorkCache;
  readonly hub: Pick<KnownHub, 'hubUrl' | 'hubUID' | 'hubNamespace'>;
  /** As the hub said last. DL-30 */
  readonly namespaceDefault: () => NamespaceDefault | undefined;
  /** The informers themselves, not those that know more than their server has said. */
  readonly works: Informer<Work>;
  readonly reports: Informer<WorkReport>;
  /** With what was kept of them, as long as the hub has not said anything. */
  readonly healthRules: Informer<HealthRule>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Changes that come together are one write. */
const gatherMs = 2_000;

/** Writes down what the hub said, whenever that changed, until the signal. What cannot be written is tried with the next. F-14 */
export async function keepCache(options: KeepCacheOptions, signal: AbortSignal): Promise<void> {
  const { cache, hub, namespaceDefault, works, reports, healthRules, clock, logger } = options;
  const waker = createWaker(clock);
  const wake = () => waker.wake();
  const subscriptions = [works.subscribe(wake), reports.subscribe(wake), healthRules.subscribe(wake)];
  let last = '';
  try {
    await Promise.all([works.synced, reports.synced]).catch(() => {});
    while (!signal.aborted) {
      const executor = namespaceDefault();
      const known: KnownHub = {
        ...hub,
        ...(executor === undefined ? {} : { namespaceDefault: kept(executor) }),
        works: works.list().flatMap((work) => cachedWork(work) ?? []),
        reports: reports.list().map(cachedReport),
        ...(healthRules.hasSynced() ? { healthRules: healthRules.list().map(cachedRule) } : {}),
      };
      const mark = markOf(known);
      if (mark !== last) {
        try {
          await cache.save(known);
          last = mark;
        } catch (error) {
          logger.warn(
            { reason: error instanceof Error ? error.message : String(error) },
            'the cache of Works cannot be written',
          );
        }
      }
      await waker.wait(600_000, signal);
      await clock.sleep(gatherMs, signal).catch(() => {});
    }
  } finally {
    for (const unsubscribe of subscriptions) unsubscribe();
  }
}

/** In a form that can be written down. */
const kept = ({ serviceAccount }: NamespaceDefault): NamespaceDefault =>
  serviceAccount === undefined ? {} : { serviceAccount };

/** Changes with what is kept; reports are written more often than what is kept of them changes. */
const markOf = ({ works, reports, healthRules, namespaceDefault }: KnownHub): string =>
  [
    `${namespaceDefault?.serviceAccount} ${healthRules !== undefined}`,
    ...(healthRules ?? []).map(({ metadata }) => `${metadata.uid} ${metadata.generation}`),
    ...works.map(
      ({ metadata }) =>
        `${metadata.uid} ${metadata.generation} ${metadata.deletionTimestamp ?? ''} ${(metadata.finalizers ?? []).join()}`,
    ),
    ...reports.map(
      ({ metadata, status }) =>
        `${metadata.uid} ${(status?.manifests ?? []).map(({ appliedHash = '' }) => appliedHash).join()}`,
    ),
  ]
    .sort()
    .join('\n');
