import type { IncomingMessage } from 'node:http';
import { encodeJson, isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { type Call, exchange, type Lines, linesOf, open, type Target } from './exchange.ts';
import { createNormaliser, type Normaliser } from './normalise.ts';
import { type OpenSocket, openSocket } from './socket.ts';
import type { Scenario, Step } from './step.ts';
import { type ScenarioWebhook, startScenarioWebhook } from './webhook.ts';

/** A normalised answer. */
export interface Answer {
  /** `3 PATCH /api/v1/...`: unique in its scenario. */
  readonly step: string;
  readonly status: number;
  readonly headers: JsonObject;
  readonly body: JsonValue;
}

/** Headers that clients act on; the rest is noise of the transport. */
const comparedHeaders = ['content-type', 'warning', 'retry-after', 'location', 'allow', 'content-encoding', 'vary'];
const patienceMs = 8000;

interface Played {
  readonly target: Target;
  readonly normaliser: Normaliser;
  readonly values: Map<string, string>;
  readonly watches: Map<string, Lines>;
  readonly sockets: Map<string, OpenSocket>;
  readonly webhook: ScenarioWebhook | undefined;
}

/** The namespace of a scenario. */
export const namespaceOf = (scenario: Scenario): string => `rec-${scenario.name}`;

/** Plays one scenario in its namespace, which exists. @throws Error when a silent step fails */
export async function play(target: Target, scenario: Scenario): Promise<Answer[]> {
  const ns = namespaceOf(scenario);
  const webhook = scenario.webhook === undefined ? undefined : await startScenarioWebhook(scenario.webhook, ns);
  const played: Played = {
    target,
    normaliser: createNormaliser(),
    values: new Map([['ns', ns], ...Object.entries(webhook?.values ?? {})]),
    watches: new Map(),
    sockets: new Map(),
    webhook,
  };
  const answers: Answer[] = [];
  try {
    for (const [index, step] of scenario.steps.entries()) {
      const { status, headers, body } = await answerOf(played, step);
      for (const [name, path] of Object.entries(step.capture ?? {})) played.values.set(name, textAt(body, path));
      if (step.silent === true) {
        if (status < 400) continue;
        throw new Error(`${scenario.name} ${index}: ${step.method} ${step.path}: ${status} ${encodeJson(body)}`);
      }
      const seen = step.view === undefined || status >= 400 ? body : step.view(body);
      answers.push({
        step: `${index} ${step.method} ${step.path}`,
        status,
        headers: played.normaliser.headers(headers),
        body: played.normaliser.body(seen),
      });
    }
  } finally {
    for (const open of [...played.watches.values(), ...played.sockets.values()]) open[Symbol.dispose]();
    await webhook?.[Symbol.asyncDispose]();
  }
  return answers;
}

interface RawResult {
  readonly status: number;
  readonly headers: JsonObject;
  readonly body: JsonValue;
}

async function answerOf(played: Played, step: Step): Promise<RawResult> {
  if (step.events !== undefined) {
    const lines = await played.watches.get(step.events.of)?.take(step.events.count, patienceMs);
    return { status: 200, headers: {}, body: (lines ?? []).map((line) => parseJson(line)) };
  }
  if (step.frames !== undefined) {
    const { of, says, count } = step.frames;
    const open = played.sockets.get(of);
    if (says !== undefined) open?.say(says);
    return { status: 200, headers: {}, body: (await open?.take(count, patienceMs)) ?? null };
  }
  if (step.review !== undefined) {
    const { of, to } = step.review;
    return { status: 200, headers: {}, body: (await played.webhook?.requestFor(of, to, patienceMs)) ?? null };
  }
  const call = callOf(played, step);
  if (step.opens !== undefined) return await openWatch(played, step.opens, call);
  if (step.socket !== undefined) return await switchTo(played, step.socket, call);
  for (const deadline = Date.now() + 20_000; ; await pause(100)) {
    const { status, headers, text } = await exchange(played.target, call);
    const body = step.raw === true ? text : decoded(text, headers['content-type']);
    const result = { status, headers: headersOf(headers), body };
    if (step.until === undefined || Date.now() > deadline) return result;
    if (textAt(body, step.until[0]) === asText(step.until[1])) return result;
  }
}

async function openWatch({ target, watches }: Played, name: string, call: Call): Promise<RawResult> {
  const response = await open(target, call);
  const headers = headersOf(response.headers);
  const status = response.statusCode ?? 0;
  if (status === 200) {
    watches.set(name, linesOf(response));
    return { status, headers, body: null };
  }
  return { status, headers, body: decoded(await textOf(response), response.headers['content-type']) };
}

/** Of the answer to the opening of a WebSocket. */
const socketHeaders = [
  'upgrade',
  'connection',
  ...['accept', 'protocol', 'version', 'extensions'].map((name) => `sec-websocket-${name}`),
];

async function switchTo({ target, sockets }: Played, name: string, call: Call): Promise<RawResult> {
  const { response, socket } = await openSocket(target, call);
  const status = response.statusCode ?? 0;
  if (socket !== undefined) {
    sockets.set(name, socket);
    return { status, headers: headersOf(response.headers, socketHeaders), body: null };
  }
  const headers = headersOf(response.headers, ['sec-websocket-version']);
  return { status, headers, body: decoded(await textOf(response), response.headers['content-type']) };
}

const textOf = async (response: IncomingMessage) =>
  Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString('utf8');

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function callOf({ values }: Played, step: Step): Call {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (found, name: string) => values.get(name) ?? found);
  const headers = Object.fromEntries(Object.entries(step.headers ?? {}).map(([name, value]) => [name, fill(value)]));
  const { body } = step;
  const call = { method: step.method, path: fill(step.path), headers };
  if (body === undefined) return call;
  if (body instanceof Uint8Array) return { ...call, body };
  return { ...call, body: Buffer.from(fill(typeof body === 'string' ? body : encodeJson(body)), 'utf8') };
}

function headersOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  more: readonly string[] = [],
): JsonObject {
  return Object.fromEntries(
    [...comparedHeaders, ...more].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}

function decoded(text: string, contentType: string | undefined): JsonValue {
  if (contentType?.includes('protobuf') === true) return '<protobuf>';
  if (text === '' || contentType?.startsWith('application/json') !== true) return text;
  return parseJson(text);
}

function textAt(body: JsonValue, path: string): string {
  let value: JsonValue | undefined = body;
  for (const key of path.split('.')) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) ? value[key] : undefined;
  }
  return asText(value);
}

const asText = (value: JsonValue | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : encodeJson(value);
