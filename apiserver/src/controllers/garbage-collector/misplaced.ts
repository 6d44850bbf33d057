import { createHash } from 'node:crypto';
import {
  Event,
  formatTime,
  isAlreadyExists,
  isNotFound,
  type OwnerReference,
  type ResourceType,
} from '@quarterdeck/apis';
import type { Client, EpochMs } from '@quarterdeck/machinery';
import type { Store } from '../../cache/store.ts';
import { fieldManager } from '../context.ts';
import type { Collectable } from './collectable.ts';
import type { Observed } from './decide.ts';
import type { Neighbourhood } from './observe.ts';

/** Uids of objects that were seen to go: their absence needs no search. */
const rememberedUids = 16_384;

/**
 * Says, once per reference, that an owner lives where it cannot own this object: in another namespace, or in any while
 * the object is cluster-scoped. KA-113
 */
export interface MisplacedOwners {
  gone(uid: string): void;
  find(seen: Observed): readonly OwnerReference[];
}

export function createMisplacedOwners(store: Pick<Store, 'list'>, neighbourhood: Neighbourhood): MisplacedOwners {
  const gone = new Set<string>();
  const existsElsewhere = (reference: OwnerReference, { key }: Collectable): boolean => {
    if (gone.has(reference.uid)) return false;
    const place = neighbourhood.ownerKey(reference, key.namespace);
    if (place === undefined || place.namespace === '') return false;
    const matches = (entry: { index: { uid: string } }) => entry.index.uid === reference.uid;
    return store.list({ resource: place.resource, matches, limit: 1 }).entries.length > 0;
  };
  return {
    gone(uid) {
      const [oldest] = gone;
      if (gone.size >= rememberedUids && oldest !== undefined) gone.delete(oldest);
      gone.add(uid);
    },
    find: ({ object, owners }) =>
      owners
        .filter(
          ({ state, reference }) =>
            state === 'unresolvable' || (state === 'absent' && existsElsewhere(reference, object)),
        )
        .map(({ reference }) => reference),
  };
}

export interface ReportOptions {
  readonly collectorClient: Client;
  readonly type: ResourceType;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
}

/** The event's name follows from object and owner, so that it is written once, whoever looks how often. */
export async function reportMisplaced(
  object: Collectable,
  owner: OwnerReference,
  { collectorClient, type, now, signal }: ReportOptions,
): Promise<void> {
  const { namespace, name } = object.key;
  const at = formatTime(now);
  const eventNamespace = namespace === '' ? 'default' : namespace;
  const hash = createHash('sha256').update(`${object.uid}/${owner.uid}`).digest('hex').slice(0, 16);
  const where = namespace === '' ? 'a cluster-scoped object' : `namespace "${namespace}"`;
  const event: Event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${hash}`, namespace: eventNamespace },
    involvedObject: {
      apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`,
      kind: type.kind,
      name,
      uid: object.uid,
      ...(namespace === '' ? {} : { namespace }),
    },
    reason: 'OwnerRefInvalidNamespace',
    message: `owner ${owner.apiVersion}/${owner.kind} ${owner.name} (uid ${owner.uid}) cannot own an object of ${where}`,
    type: 'Warning',
    source: { component: 'garbage-collector-controller' },
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
  };
  try {
    await collectorClient.create(Event, event, { fieldManager, signal });
  } catch (error) {
    if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
  }
}
