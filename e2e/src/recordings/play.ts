import { encodeJson, isJsonObject, type JsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import { type Call, exchange, type Lines, linesOf, open, type Target } from './exchange.ts';
import { createNormaliser, type Normaliser } from './normalise.ts';
import type { Scenario, Step } from './step.ts';

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
}

/** The namespace of a scenario. */
export const namespaceOf = (scenario: Scenario): string => `rec-${scenario.name}`;

/** Plays one scenario in its namespace, which exists. @throws Error when a silent step fails */
export async function play(target: Target, scenario: Scenario): Promise<Answer[]> {
  const played: Played = {
    target,
    normaliser: createNormaliser(),
    values: new Map([['ns', namespaceOf(scenario)]]),
    watches: new Map(),
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
    for (const lines of played.watches.values()) lines[Symbol.dispose]();
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
  const call = callOf(played, step);
  if (step.opens !== undefined) return await openWatch(played, step.opens, call);
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
  const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString('utf8');
  return { status, headers, body: decoded(text, response.headers['content-type']) };
}

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

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): JsonObject {
  return Object.fromEntries(
    comparedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
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
