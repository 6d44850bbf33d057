import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { type KindSample, kindSamples } from './samples.ts';
import { causesOf, type KindVerdict } from './verdicts.ts';

export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: JsonObject;
  readonly contentType?: string;
}

/** Sends one request to the server that is asked. */
export type Ask = (request: AskedRequest) => Promise<{ readonly status: number; readonly json: JsonObject }>;

/** A server and a namespace to ask in; it must have the service account `default`. */
export interface Asked {
  readonly ask: Ask;
  readonly namespace: string;
}

export const collectionOf = ({ collection }: KindSample, namespace: string): string =>
  collection.replace('NS', namespace);

/** Names differ from row to row, as some objects go slowly; of kinds whose names mean something they stay. */
export function namedSample(sample: KindSample, suffix: string): JsonObject {
  return sample.name === 'ipaddresses'
    ? sample.object
    : merged(sample.object, { metadata: { name: `sample-${suffix}` } });
}

/** What the server says to one row: the causes of its refusal. @throws Error when the sample itself is refused */
export async function verdictOf(
  { ask, namespace }: Asked,
  verdict: KindVerdict,
  suffix: string,
): Promise<readonly string[]> {
  const sample = kindSamples.find(({ name }) => name === verdict.sample);
  if (sample === undefined) throw new Error(`no sample is called ${verdict.sample}`);
  const url = collectionOf(sample, namespace);
  const object = namedSample(sample, suffix);
  const remove = (name: string) => ask({ method: 'DELETE', url: `${url}/${name}` });
  if (verdict.onUpdate !== true) {
    const changed = merged(object, verdict.change);
    const answer = await ask({ method: 'POST', url, body: changed });
    if (answer.status === 201) await remove(nameOf(changed));
    return answer.status === 201 ? [] : causesOf(answer.json);
  }
  const created = await ask({ method: 'POST', url, body: object });
  if (created.status !== 201) throw new Error(`the sample ${sample.name} is refused: ${String(created.json.message)}`);
  const contentType = 'application/merge-patch+json';
  const answer = await ask({ method: 'PATCH', url: `${url}/${nameOf(object)}`, body: verdict.change, contentType });
  await remove(nameOf(object));
  return answer.status === 200 ? [] : causesOf(answer.json);
}

const nameOf = ({ metadata }: JsonObject): string => (isJsonObject(metadata) ? String(metadata.name) : '');

/** A JSON merge patch, applied. */
function merged(object: JsonObject, patch: JsonObject): JsonObject {
  const next: JsonObject = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key];
    else next[key] = mergedValue(next[key], value);
  }
  return next;
}

const mergedValue = (value: JsonValue | undefined, patch: JsonValue): JsonValue =>
  isJsonObject(patch) ? merged(isJsonObject(value) ? value : {}, patch) : patch;
