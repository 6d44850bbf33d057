import type { WebhookAnswer } from '@quarterdeck/apiserver/testing';
import type { JsonObject, JsonValue } from '@quarterdeck/machinery';

/** Reduces an answer to the part that both servers are expected to have. Pure. */
export type View = (body: JsonValue) => JsonValue;

/** One exchange. Texts may name captured values: `{rv}`; `{ns}` is the scenario's namespace. */
export interface Step {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Beside Accept and User-Agent, which every request has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** An object or list is sent as JSON, text and bytes as they are. */
  readonly body?: JsonValue | Uint8Array;
  /** Values for later steps, by name: where they stand in this answer, as a dotted path. */
  readonly capture?: Readonly<Record<string, string>>;
  /** Asks again until the value at this dotted path is this one; at most 20 s. */
  readonly until?: readonly [path: string, equals: JsonValue];
  /** Opens a watch under this name; its events are read by `events`. */
  readonly opens?: string;
  /** Reads so many events of an open watch instead of sending anything; fewer if the stream ends. */
  readonly events?: { readonly of: string; readonly count: number };
  /** Opens a WebSocket under this name; what comes is read by `frames`. A header that is empty is not sent. */
  readonly socket?: string;
  /** Sends these octets on an open WebSocket, and reads so many frames of it; fewer if the connection ends. */
  readonly frames?: { readonly of: string; readonly says?: Uint8Array; readonly count: number };
  /** Waits for a review that asked the scenario's webhook to convert the object of this name to this version. */
  readonly review?: { readonly of: string; readonly to: string };
  readonly view?: View;
  /** Keeps the text as it came, to see its layout. */
  readonly raw?: boolean;
  /** Preparation: must succeed, and is not recorded. */
  readonly silent?: boolean;
}

export interface Scenario {
  /** Unique; a DNS label, as its namespace is named after it. */
  readonly name: string;
  /** A webhook runs beside it, at `{webhook}` and on `{webhookPort}`, with the bundle `{webhookCa}`. */
  readonly webhook?: WebhookAnswer;
  readonly steps: readonly Step[];
}

export const scenario = (name: string, ...steps: readonly (Step | readonly Step[])[]): Scenario => ({
  name,
  steps: steps.flat(),
});

type More = Omit<Step, 'method' | 'path' | 'body'>;

export const get = (path: string, more: More = {}): Step => ({ method: 'GET', path, ...more });
export const post = (path: string, body: Step['body'], more: More = {}): Step => write('POST', path, body, more);
export const put = (path: string, body: Step['body'], more: More = {}): Step => write('PUT', path, body, more);
export const remove = (path: string, body?: JsonObject, more: More = {}): Step => write('DELETE', path, body, more);

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export const patch = (type: keyof typeof patchTypes, path: string, body: Step['body'], more: More = {}): Step =>
  write('PATCH', path, body, { ...more, headers: { 'content-type': patchTypes[type], ...more.headers } });

/** Server-side apply by this manager. @param query more parameters: `force=true` */
export const apply = (manager: string, path: string, body: Step['body'], query = '', more: More = {}): Step =>
  patch('apply', `${path}?fieldManager=${manager}${query === '' ? '' : `&${query}`}`, body, more);

function write(method: string, path: string, body: Step['body'], more: More): Step {
  const headers = { 'content-type': 'application/json', ...more.headers };
  return body === undefined ? { method, path, ...more } : { method, path, body, ...more, headers };
}

export const silently = (step: Step): Step => ({ ...step, silent: true });

/** Opens a watch that later steps read. */
export const watch = (name: string, path: string, more: More = {}): Step => ({ ...get(path, more), opens: name });
export const events = (of: string, count: number, view?: View): Step => ({
  method: 'READ',
  path: of,
  events: { of, count },
  ...(view === undefined ? {} : { view }),
});

/** Opens a watch over WebSocket that later steps read by {@link frames}. */
export const socket = (name: string, path: string, headers: Readonly<Record<string, string>> = {}): Step => ({
  ...get(path, { headers }),
  socket: name,
});
export const frames = (of: string, count: number, says?: Uint8Array): Step => ({
  method: says === undefined ? 'FRAMES' : 'SAYS',
  path: of,
  frames: { of, count, ...(says === undefined ? {} : { says }) },
});

/** What the webhook was asked about this object. */
export const review = (of: string, to: string): Step => ({
  method: 'REVIEW',
  path: `${of} ${to}`,
  review: { of, to },
});

/** As this user, by impersonation. */
export const as = (user: string, step: Step): Step => ({
  ...step,
  headers: { ...step.headers, 'impersonate-user': user },
});
export const accepting = (accept: string, step: Step): Step => ({ ...step, headers: { ...step.headers, accept } });
export const asTable = (step: Step): Step => accepting('application/json;as=Table;v=v1;g=meta.k8s.io', step);
