import type { Revision } from '../storage/storage.ts';
import type { CacheState } from './cache-state.ts';
import type { CachedEntry } from './entry.ts';
import { justAfter, namespaceRange, sortKey } from './sort-key.ts';
import { CompactedError, type ListRequest, type ListResult, RevisionAheadError } from './store.ts';

/** Entries whose state at the asked revision differs from now: that state, or undefined where there was none. */
type Overlay = Map<string, CachedEntry | undefined>;

/** One page of a resource, now or at an earlier revision. KA-80, KA-82, KA-83 */
export function listEntries(state: CacheState, request: ListRequest): ListResult {
  const revision = request.revision ?? state.revision;
  const overlay = overlayAt(state, request, revision);
  const range = rangeOf(request);
  const from = request.after ? justAfter(sortKey(request.after.namespace, request.after.name)) : range.from;
  const limit = request.limit ?? Number.POSITIVE_INFINITY;

  const entries: CachedEntry[] = [];
  let more = false;
  for (const entry of merged(state, { resource: request.resource, from, to: range.to }, overlay)) {
    if (request.matches && !request.matches(entry)) continue;
    if (entries.length === limit) {
      more = true;
      break;
    }
    entries.push(entry);
  }
  if (request.matches) return { entries, revision, more };
  const last = entries.at(-1);
  const rest = last === undefined ? from : justAfter(last.sort);
  const remaining = more ? countAt(state, { resource: request.resource, from: rest, to: range.to }, overlay) : 0;
  return { entries, revision, more, remaining };
}

function rangeOf({ namespace, name }: ListRequest): Pick<Span, 'from' | 'to'> {
  if (name !== undefined) {
    const only = sortKey(namespace ?? '', name);
    return { from: only, to: justAfter(only) };
  }
  return namespace ? namespaceRange(namespace) : { from: '', to: undefined };
}

interface Span {
  readonly resource: string;
  readonly from: string;
  readonly to: string | undefined;
}

/** Takes back every event after `revision`, newest first; what remains is the state before the oldest of them. */
function overlayAt(state: CacheState, request: ListRequest, revision: Revision): Overlay {
  const overlay: Overlay = new Map();
  if (revision === state.revision) return overlay;
  if (revision > state.revision) throw new RevisionAheadError(revision, state.revision);
  if (revision < state.ring.floor || !state.ring.issued(revision)) {
    throw new CompactedError(`revision ${revision} is no longer known`);
  }
  const events = state.ring.channels.find({ resource: request.resource, namespace: request.namespace })?.events;
  if (events === undefined) return overlay;
  for (let index = events.length - 1; index >= events.firstAbove(revision); index--) {
    const event = events.at(index);
    if (event) overlay.set(event.entry.sort, event.previous);
  }
  return overlay;
}

function* merged(state: CacheState, span: Span, overlay: Overlay): Generator<CachedEntry, void, undefined> {
  const present = state.objects.ofResource(span.resource)?.range(span.from, span.to) ?? [];
  if (overlay.size === 0) {
    yield* present;
    return;
  }
  const past = within(overlay, span).sort(([a], [b]) => (a < b ? -1 : 1));
  let next = 0;
  for (const entry of present) {
    for (let item = past[next]; item && item[0] < entry.sort; item = past[++next]) if (item[1]) yield item[1];
    if (!overlay.has(entry.sort)) yield entry;
  }
  for (; next < past.length; next++) {
    const entry = past[next]?.[1];
    if (entry) yield entry;
  }
}

function countAt(state: CacheState, span: Span, overlay: Overlay): number {
  const present = state.objects.ofResource(span.resource);
  let count = present?.count(span.from, span.to) ?? 0;
  for (const [sort, entry] of within(overlay, span)) {
    if (present?.get(sort)) count--;
    if (entry) count++;
  }
  return count;
}

function within(overlay: Overlay, { from, to }: Span): [string, CachedEntry | undefined][] {
  return [...overlay].filter(([sort]) => sort >= from && (to === undefined || sort < to));
}
