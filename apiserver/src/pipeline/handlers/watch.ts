import { type ApiError, type FieldError, invalid } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { CompactedError, type Entry, type StoreEvent, type StoreWatch } from '../../cache/store.ts';
import { forbiddenField, unsupportedField } from '../../registry/fields.ts';
import { storageName } from '../../registry/registry.ts';
import { convertEntries, isConvertedByWebhook } from '../convert.ts';
import { deadlineExceeded, toApiError } from '../errors.ts';
import { parseFlag, parseInteger, parseOptionalFlag, parseResourceVersion } from '../query.ts';
import { createFrames, type Frames } from '../render/frames.ts';
import type { Answer, RequestScope } from '../scope.ts';
import { parseSelection, placeOf, type Selection } from '../selection.ts';
import { revisionWaitMs } from './read.ts';

/** What a watch request asks for. KA-87, KA-89, KA-90, KA-91 */
interface WatchPlan {
  readonly revision: number | undefined;
  /** Undefined: decided by the revision, as before WatchList. */
  readonly initialEvents: boolean | undefined;
  readonly bookmarks: boolean;
  /** When the server ends the stream. */
  readonly deadline: EpochMs;
}

const bookmarkMs = 60_000;
const lastBookmarkMs = 2000;
/** About eleven days; beyond it timers overflow. BI-14 */
const maxSeconds = 1_000_000;

export async function handleWatch({ opening, ...scope }: RequestScope): Promise<Answer> {
  const plan = planWatch(scope);
  const selection = parseSelection(scope);
  const frames = createFrames(scope);
  const { entries, watch } = await openInTime({ ...scope, signal: opening ?? scope.signal }, plan, selection);
  const ended = new AbortController();
  // The stream ends cleanly: the client asks again, and hears why not. RG-22, SEC-15
  const standing = scope.standing.hold(() => ended.abort());
  const letGo = () => {
    // Of a client in this process it is the signal of its whole life, which sees many watches.
    scope.signal.removeEventListener('abort', letGo);
    ended.abort();
    standing[Symbol.dispose]();
    watch[Symbol.dispose]();
  };
  // A client may be gone before the stream is read for the first time; then nothing below ever runs.
  scope.signal.addEventListener('abort', letGo, { once: true });
  if (scope.signal.aborted) letGo();
  const stream = { watch, ended, [Symbol.dispose]: letGo };
  return { type: 'watch', chunks: run(scope, plan, selection, frames, entries, stream) };
}

/** @throws ApiError Invalid, BadRequest */
function planWatch(scope: RequestScope): WatchPlan {
  const { query } = scope.request;
  const { expiresAt } = scope.standing;
  const initialEvents = parseOptionalFlag(query, 'sendInitialEvents');
  const errors = optionErrors(initialEvents, query.get('resourceVersionMatch') ?? '', query.get('continue') ?? '');
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  const asked = parseInteger(query, 'timeoutSeconds') ?? 0;
  const seconds = asked <= 0 ? 1800 + scope.server.random() * 1800 : Math.min(asked, maxSeconds);
  return {
    revision: parseResourceVersion(query.get('resourceVersion')),
    initialEvents,
    bookmarks: parseFlag(query, 'allowWatchBookmarks'),
    deadline: Math.min(scope.now + seconds * 1000, expiresAt ?? Number.POSITIVE_INFINITY),
  };
}

function optionErrors(initialEvents: boolean | undefined, match: string, token: string): FieldError[] {
  const field = 'resourceVersionMatch';
  const fits = match === 'NotOlderThan';
  return [
    ...(initialEvents === undefined || fits
      ? []
      : [forbiddenField(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]),
    ...(initialEvents !== undefined || match === ''
      ? []
      : [forbiddenField(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]),
    ...(match === '' || fits ? [] : [unsupportedField(field, match, ['NotOlderThan'])]),
    ...(token === '' ? [] : [forbiddenField(field, 'resourceVersionMatch is forbidden when continue is provided')]),
  ];
}

/** What a watch begins with. */
interface Opened {
  readonly entries: readonly Entry[];
  readonly watch: StoreWatch;
}

/** What opens after its request was answered otherwise is let go of at once. */
async function openInTime(scope: RequestScope, plan: WatchPlan, selection: Selection): Promise<Opened> {
  const opened = await open(scope, plan, selection);
  if (!scope.signal.aborted) return opened;
  opened.watch[Symbol.dispose]();
  throw scope.signal.reason;
}

/**
 * The first state and the stream that follows it without a gap.
 * @throws ApiError Expired; RevisionAheadError; what the scope's signal aborts with
 */
async function open(scope: RequestScope, plan: WatchPlan, selection: Selection): Promise<Opened> {
  const { store } = scope.server;
  const where = placeOf(scope);
  const initial = plan.initialEvents ?? (plan.revision === undefined || plan.revision === 0);
  if (plan.revision === undefined) await store.fresh(scope.signal);
  else if (plan.initialEvents === true && plan.revision > 0)
    await store.waitFor(plan.revision, revisionWaitMs, scope.signal);
  if (!initial) {
    const after = plan.revision === undefined || plan.revision === 0 ? store.revision : plan.revision;
    return { entries: [], watch: store.watch({ ...where, after }) };
  }
  if (isConvertedByWebhook(scope.resource)) return openConverted(scope, selection);
  const { entries, revision } = store.list({ ...where, ...(selection === undefined ? {} : { matches: selection }) });
  return { entries, watch: store.watch({ ...where, after: revision }) };
}

/** The same where all must be converted before any can be selected or shown. KA-106b */
async function openConverted(scope: RequestScope, selection: Selection): Promise<Opened> {
  const { store } = scope.server;
  const where = placeOf(scope);
  const { entries: all, revision } = store.list(where);
  const watch = store.watch({ ...where, after: revision });
  try {
    await convertEntries(scope.resource, all, scope.signal);
    return { entries: selection === undefined ? all : all.filter(selection), watch };
  } catch (error) {
    watch[Symbol.dispose]();
    throw error;
  }
}

/** A watch that is being sent; disposing of it lets go of all that it holds. */
interface OpenStream extends Disposable {
  readonly watch: StoreWatch;
  /** Aborted when the client is gone or lost the right to it. Of its own: one put together of others is slow to ask. */
  readonly ended: AbortController;
}

async function* run(
  scope: RequestScope,
  plan: WatchPlan,
  selection: Selection,
  frames: Frames,
  entries: readonly Entry[],
  opened: OpenStream,
): AsyncGenerator<Uint8Array> {
  const { clock, random, registry, observer } = scope.server;
  const { definition, version } = scope.resource;
  using _opened = opened;
  const { watch: stream, ended } = opened;
  const { signal } = ended;
  const endWhenRemoved = () => {
    const found = registry.resolve(definition.group, version.name, definition.plural);
    // What a webhook converted for one definition is not there for the next: the client asks again.
    const isOther = found?.definition !== definition;
    if (found === undefined || (isOther && [found, scope.resource].some(isConvertedByWebhook))) ended.abort();
  };
  using _listener = registry.onChange(endWhenRemoved);
  endWhenRemoved();
  try {
    yield* inPieces(entries, (entry) => frames.initial(entry), signal);
    if (signal.aborted) return;
    if (plan.initialEvents === true && plan.bookmarks) yield frames.bookmark(stream.revision, true);
    let nextBookmark = clock.now() + bookmarkMs * (0.75 + random() * 0.5);
    let last = plan.deadline - lastBookmarkMs;
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= plan.deadline) return;
      if (plan.bookmarks && now >= Math.min(nextBookmark, last)) {
        yield frames.bookmark(stream.revision, false);
        if (now >= last) last = Number.POSITIVE_INFINITY;
        nextBookmark = now + bookmarkMs * (0.75 + random() * 0.5);
      }
      const wake = plan.bookmarks ? Math.min(nextBookmark, last, plan.deadline) : plan.deadline;
      const events = await stream.next(Math.max(1, wake - clock.now()), signal);
      if (isConvertedByWebhook(scope.resource)) await convertEntries(scope.resource, shownOf(events), signal);
      let sent = 0;
      yield* inPieces(
        events,
        (event) => {
          const frame = frameOf(event, selection, frames);
          if (frame !== undefined) sent += 1;
          return frame;
        },
        signal,
      );
      if (sent > 0) observer?.watchEvents(storageName(definition), sent);
    }
  } catch (error) {
    if (signal.aborted) return;
    yield frames.error(statusOf(error));
  }
}

/** The states that the frames of events may show. */
function shownOf(events: readonly StoreEvent[]): Entry[] {
  return events.flatMap(({ entry, previous }) => (previous === undefined ? [entry] : [entry, previous]));
}

/** A version that fell out of the ring is 410, in the stream as before it. KA-87 */
function statusOf(error: unknown): ApiError {
  return error instanceof CompactedError || !(error instanceof DOMException) ? toApiError(error) : deadlineExceeded();
}

/** Which event a watcher with this selection sees, if any. KA-88 */
function frameOf(event: StoreEvent, selection: Selection, frames: Frames): Uint8Array | undefined {
  const { entry, previous } = event;
  const matched = previous !== undefined && (selection === undefined || selection(previous));
  if (event.type === 'delete') {
    const seen = matched || (previous === undefined && (selection === undefined || selection(entry)));
    return seen ? frames.event(event, 'DELETED', entry) : undefined;
  }
  const matches = selection === undefined || selection(entry);
  if (matches) return frames.event(event, matched ? 'MODIFIED' : 'ADDED', entry);
  return matched && previous !== undefined ? frames.event(event, 'DELETED', previous) : undefined;
}

const pieceBytes = 64 * 1024;

/** Frames joined into pieces of a useful size: one write to the socket for many events. None once the signal aborted. */
function* inPieces<T>(
  items: readonly T[],
  frame: (item: T) => Uint8Array | undefined,
  signal: AbortSignal,
): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const item of items) {
    // The reader may have taken its time over the last piece.
    if (signal.aborted) return;
    const bytes = frame(item);
    if (bytes === undefined) continue;
    parts.push(bytes);
    size += bytes.byteLength;
    if (size < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  const [only] = parts;
  if (only !== undefined) yield parts.length === 1 ? only : Buffer.concat(parts);
}
