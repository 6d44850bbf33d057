import { groupResourceName } from '@quarterdeck/apis';
import { equalLists } from '../../../admission/quota/resource-list.ts';
import { createQuotaReader, quotaResource } from '../../../admission/quota/stored-quotas.ts';
import { countedBy, varyingResources } from '../../../admission/quota/usage.ts';
import type { Entry, StoreEvent } from '../../../cache/store.ts';
import type { ControllerContext } from '../../context.ts';
import { followResource } from '../../follow-resource.ts';

/** Time alone makes some pods count no more, and a status that somebody wrote is put right. */
const resyncMs = 60_000;

/**
 * Names quotas to look at: those that are new, or ask for something else, and those of a namespace where something that one of
 * them counts went or changed. Only resources that some quota counts are followed. What a create takes is charged with it.
 */
export async function followQuotas(
  context: Pick<ControllerContext, 'store' | 'clock' | 'logger'>,
  add: (key: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = context;
  const reader = createQuotaReader();
  const followed = new Map<string, AbortController>();
  const following = new Set<Promise<void>>();

  const addOf = (namespace: string) => {
    for (const { entry } of reader.of(store, namespace)) add(quotaKey(entry));
  };

  function follow(resource: string): void {
    const stop = new AbortController();
    followed.set(resource, stop);
    const options = {
      ...context,
      resource,
      // What went before this began is in no event.
      onLoaded: () => addAll(),
      onEvent: ({ type, entry, previous }: StoreEvent) => {
        const isChange = previous !== undefined && varyingResources.has(resource);
        if (type === 'delete' || isChange) addOf(entry.key.namespace);
      },
    };
    const done = followResource(options, AbortSignal.any([signal, stop.signal])).finally(() => following.delete(done));
    following.add(done);
  }

  const allQuotas = () => store.list({ resource: quotaResource }).entries;
  const addAll = () => {
    for (const entry of allQuotas()) add(quotaKey(entry));
  };

  /** Begins and ends what is followed, as the quotas there are now say. */
  function adjust(): void {
    const wanted = new Set<string>();
    for (const { quota } of allQuotas().map(reader.read)) {
      for (const name of quota.hard.keys()) {
        const of = countedBy(name);
        if (of !== undefined) wanted.add(groupResourceName({ group: of.group, plural: of.resource }));
      }
    }
    for (const resource of wanted) if (!followed.has(resource) && resource !== quotaResource) follow(resource);
    for (const [resource, stop] of followed) {
      if (wanted.has(resource)) continue;
      stop.abort(new Error('no quota counts it'));
      followed.delete(resource);
    }
  }

  const quotas = followResource(
    {
      ...context,
      resource: quotaResource,
      onLoaded: () => {
        adjust();
        addAll();
      },
      onEvent: ({ type, entry, previous }) => {
        if (type === 'put' && previous !== undefined && !asksForMore(previous, entry)) return;
        adjust();
        // A quota may count quotas.
        addOf(entry.key.namespace);
      },
    },
    signal,
  );

  /** Whether the status has to follow: a status that somebody else wrote stands until the next look at everything. */
  const asksForMore = (previous: Entry, entry: Entry): boolean =>
    !equalLists(reader.read(previous).quota.hard, reader.read(entry).quota.hard);

  while (!signal.aborted) {
    await clock.sleep(resyncMs, signal).catch(() => undefined);
    if (!signal.aborted) addAll();
  }
  await quotas;
  await Promise.all(following);
}

/** Neither holds a slash. */
const quotaKey = ({ key }: Entry): string => `${key.namespace}/${key.name}`;
