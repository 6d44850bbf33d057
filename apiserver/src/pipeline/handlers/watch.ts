import { type ApiError, type FieldError, invalid } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { CompactedError, type Entry, type StoreEvent, type StoreWatch } from '../../cache/store.ts';
import { forbiddenField, unsupportedField } from '../../registry/fields.ts';
import { type ResolvedResource, storageName } from '../../registry/registry.ts';
import { convertEntries, isConvertedByWebhook } from '../convert.ts';
import { deadlineExceeded, toApiError } from '../errors.ts';
import type { EndingStream } from '../observe.ts';
import { parseFlag, parseInteger, parseOptionalFlag, parseResourceVersion } from '../query.ts';
import { createFrames, type Frames } from '../render/frames.ts';
import type { Answer, RequestScope, ServerParts } from '../scope.ts';
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
const pieceBytes = 64 * 1024;
/** About eleven days; beyond it timers overflow. BI-14 */
const maxSeconds = 1_000_000;

export async function handleWatch({ opening, ...scope }: RequestScope): Promise<Answer> {
  const plan = planWatch(scope);
  const selection = parseSelection(scope);
  const { entries, watch } = await openInTime({ ...scope, signal: opening ?? scope.signal }, plan, selection);
  return { type: 'watch', chunks: new WatchStream({ scope, plan, selection, entries, watch }) };
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

interface StreamParts extends Opened {
  readonly scope: RequestScope;
  readonly plan: WatchPlan;
  readonly selection: Selection;
}

/**
 * A watch that is being sent, one reader at a time. A class, and no generator: a server has tens of thousands that wait, and
 * each holds what it needs to go on, not the request that it came with.
 */
class WatchStream implements EndingStream {
  readonly #server: ServerParts;
  readonly #resource: ResolvedResource;
  readonly #plan: WatchPlan;
  readonly #selection: Selection;
  readonly #frames: Frames;
  readonly #watch: StoreWatch;
  readonly #signal: AbortSignal;
  #standing: Disposable | undefined = undefined;
  #registration: Disposable | undefined = undefined;
  /** What is known and not sent yet. */
  #pieces: Iterator<Uint8Array> | undefined;
  #nextBookmark: EpochMs = 0;
  #lastBookmark: EpochMs;
  #ended = false;
  /** Where there is something to call off at the end: a webhook's conversion. */
  #ending: AbortController | undefined = undefined;
  #onEnd: (() => void) | undefined = undefined;

  constructor({ scope, plan, selection, entries, watch }: StreamParts) {
    this.#server = scope.server;
    this.#resource = scope.resource;
    this.#plan = plan;
    this.#selection = selection;
    this.#frames = createFrames(scope);
    this.#watch = watch;
    this.#lastBookmark = plan.deadline - lastBookmarkMs;
    this.#pieces = this.#first(entries);
    // A client may be gone before the stream is read for the first time, or its right, or the kind.
    this.#signal = scope.signal;
    this.#signal.addEventListener('abort', this, { once: true });
    this.#registration = scope.server.registry.onChange(() => this.#endWhenRemoved());
    // The stream ends cleanly: the client asks again, and hears why not. RG-22, SEC-15
    this.#standing = scope.standing.hold(() => this[Symbol.dispose]());
    if (this.#signal.aborted || this.#ended) this[Symbol.dispose]();
    else this.#endWhenRemoved();
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      while (!this.#ended) {
        const piece = this.#pieces?.next();
        if (piece?.done === false) return piece;
        this.#pieces = undefined;
        if (this.#server.clock.now() >= this.#plan.deadline) break;
        const bookmark = this.#dueBookmark();
        if (bookmark !== undefined) return { done: false, value: bookmark };
        const events = await this.#watch.next(this.#idleMs());
        if (isConvertedByWebhook(this.#resource)) await this.#convert(events);
        this.#pieces = this.#eventPieces(events);
      }
    } catch (error) {
      if (!this.#ended) {
        this[Symbol.dispose]();
        return { done: false, value: this.#frames.error(statusOf(error)) };
      }
    }
    return this.return();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this[Symbol.dispose]();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  onceEnded(told: () => void): void {
    if (this.#ended) told();
    else this.#onEnd = told;
  }

  /** Of the request's signal: it aborted. */
  handleEvent(): void {
    this[Symbol.dispose]();
  }

  /** Lets go of all that it holds; who waits for more is told that there is none. */
  [Symbol.dispose](): void {
    this.#ended = true;
    // Of a client in this process it is the signal of its whole life, which sees many watches.
    this.#signal.removeEventListener('abort', this);
    this.#ending?.abort();
    // Neither is there yet when it was lost in the very call that began it.
    this.#standing?.[Symbol.dispose]();
    this.#registration?.[Symbol.dispose]();
    this.#watch[Symbol.dispose]();
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  #endWhenRemoved(): void {
    const { definition, version } = this.#resource;
    const found = this.#server.registry.resolve(definition.group, version.name, definition.plural);
    // What a webhook converted for one definition is not there for the next: the client asks again.
    const isOther = found?.definition !== definition;
    if (found === undefined || (isOther && [found, this.#resource].some(isConvertedByWebhook))) this[Symbol.dispose]();
  }

  *#first(entries: readonly Entry[]): Generator<Uint8Array> {
    yield* this.#inPieces(entries, (entry) => this.#frames.initial(entry));
    if (this.#ended) return;
    if (this.#plan.initialEvents === true && this.#plan.bookmarks) {
      yield this.#frames.bookmark(this.#watch.revision, true);
    }
    this.#nextBookmark = this.#bookmarkAfter(this.#server.clock.now());
  }

  *#eventPieces(events: readonly StoreEvent[]): Generator<Uint8Array> {
    let sent = 0;
    yield* this.#inPieces(events, (event) => {
      const frame = frameOf(event, this.#selection, this.#frames);
      if (frame !== undefined) sent += 1;
      return frame;
    });
    if (sent > 0) this.#server.observer?.watchEvents(storageName(this.#resource.definition), sent);
  }

  #dueBookmark(): Uint8Array | undefined {
    const now = this.#server.clock.now();
    if (!this.#plan.bookmarks || now < Math.min(this.#nextBookmark, this.#lastBookmark)) return undefined;
    if (now >= this.#lastBookmark) this.#lastBookmark = Number.POSITIVE_INFINITY;
    this.#nextBookmark = this.#bookmarkAfter(now);
    return this.#frames.bookmark(this.#watch.revision, false);
  }

  #bookmarkAfter(now: EpochMs): EpochMs {
    return now + bookmarkMs * (0.75 + this.#server.random() * 0.5);
  }

  /** Until something else than an event is due. */
  #idleMs(): number {
    const { bookmarks, deadline } = this.#plan;
    const wake = bookmarks ? Math.min(this.#nextBookmark, this.#lastBookmark, deadline) : deadline;
    return Math.max(1, wake - this.#server.clock.now());
  }

  async #convert(events: readonly StoreEvent[]): Promise<void> {
    this.#ending ??= new AbortController();
    if (this.#ended) return;
    await convertEntries(this.#resource, shownOf(events), this.#ending.signal);
  }

  /** Frames joined into pieces of a useful size: one write to the socket for many events. None once it has ended. */
  *#inPieces<T>(items: readonly T[], frame: (item: T) => Uint8Array | undefined): Generator<Uint8Array> {
    let parts: Uint8Array[] = [];
    let size = 0;
    for (const item of items) {
      // The reader may have taken its time over the last piece.
      if (this.#ended) return;
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
