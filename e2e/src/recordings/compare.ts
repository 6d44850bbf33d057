import { encodeJson, equalValues, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { Answer } from './play.ts';

/** One place where an answer is not what Kubernetes answered. */
export interface Difference {
  /** `scenario#step path`, as in `ssa-create#3 body.spec.replicas`. */
  readonly at: string;
  /** Undefined: absent. */
  readonly theirs: JsonValue | undefined;
  readonly ours: JsonValue | undefined;
}

/** All differences between what was recorded and what came now. */
export function compareAnswers(scenario: string, recorded: readonly Answer[], played: readonly Answer[]): Difference[] {
  const found: Difference[] = [];
  for (const [index, theirs] of recorded.entries()) {
    const ours = played[index];
    const at = `${scenario}#${theirs.step.split(' ')[0]}`;
    if (ours?.step !== theirs.step) {
      found.push({ at: `${at} step`, theirs: theirs.step, ours: ours?.step });
      continue;
    }
    if (theirs.status < 400 !== ours.status < 400) {
      // All of the body differs then; its message says why.
      found.push({ at: `${at} status`, theirs: outcomeOf(theirs), ours: outcomeOf(ours) });
      continue;
    }
    const status = decoderStatus(theirs.body);
    compareValues(theirs.status, ours.status, `${at} status`, found);
    compareValues(theirs.headers, ours.headers, `${at} headers`, found);
    compareValues(status ?? theirs.body, status === undefined ? ours.body : wordless(ours.body), `${at} body`, found);
  }
  if (played.length > recorded.length) {
    found.push({ at: `${scenario}#${recorded.length} step`, theirs: undefined, ours: 'is not recorded: pnpm record' });
  }
  return found;
}

function outcomeOf({ status, body }: Answer): JsonValue {
  return isJsonObject(body) && typeof body.message === 'string' ? `${status} ${body.message}` : status;
}

function compareValues(
  theirs: JsonValue | undefined,
  ours: JsonValue | undefined,
  at: string,
  found: Difference[],
): void {
  if (theirs !== undefined && ours !== undefined && equalValues(theirs, ours)) return;
  if (isJsonObject(theirs) && isJsonObject(ours)) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      if (theirs[key] === undefined && ours[key] === undefined) continue;
      compareValues(theirs[key], ours[key], `${at}.${key}`, found);
    }
    return;
  }
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length) {
    for (const index of theirs.keys()) compareValues(theirs[index], ours[index], `${at}[${index}]`, found);
    return;
  }
  if (theirs === undefined && ours === undefined) return;
  found.push({ at, theirs, ours });
}

/** How Go's decoders speak: reason, code and the causes' fields suffice then. */
const decoderWords =
  /cannot be handled as a |the object provided is unrecognized|json: |yaml: |error unmarshaling|error converting YAML|invalid character|unexpected end of JSON|cannot unmarshal|strict decoding error|Object 'Kind' is missing|unable to decode|proto: |illegal base64|Go struct|strconv\.|parsing time |quantities must match/;

/** A failure to decode, without its words; undefined for anything else. */
function decoderStatus(body: JsonValue): JsonObject | undefined {
  if (!isJsonObject(body) || body.kind !== 'Status' || !decoderWords.test(String(body.message))) return undefined;
  return wordless(body) as JsonObject;
}

function wordless(body: JsonValue): JsonValue {
  if (!isJsonObject(body) || body.kind !== 'Status') return body;
  const causes = isJsonObject(body.details) && Array.isArray(body.details.causes) ? body.details.causes : [];
  return {
    reason: body.reason ?? '',
    code: body.code ?? 0,
    fields: causes.map((cause) => (isJsonObject(cause) ? (cause.field ?? '') : '')),
  };
}

/** Differences that are known, and have a reason in the list. */
export interface KnownDifference {
  /** As {@link Difference.at}; `*` stands for any text. */
  readonly at: string;
  /** How many differences it stands for; when one goes or comes, the list is out of date. */
  readonly count: number;
}

/** What is wrong between the list and the findings, a line each; empty when they agree. */
export function judge(found: readonly Difference[], known: readonly KnownDifference[]): string[] {
  const matchers = known.map((entry) => ({ entry, pattern: patternOf(entry.at), seen: 0 }));
  const problems: string[] = [];
  for (const difference of found) {
    const matcher = matchers.find(({ pattern }) => pattern.test(difference.at));
    if (matcher === undefined) problems.push(lineOf(difference));
    else matcher.seen += 1;
  }
  for (const { entry, seen } of matchers) {
    if (seen !== entry.count) problems.push(`${entry.at}: listed with ${entry.count} differences, found ${seen}`);
  }
  return problems;
}

function patternOf(at: string): RegExp {
  const literal = (text: string) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  return new RegExp(`^${at.split('*').map(literal).join('.*')}$`, 's');
}

function lineOf({ at, theirs, ours }: Difference): string {
  const show = (value: JsonValue | undefined) => (value === undefined ? 'absent' : encodeJson(value));
  return `${at}: Kubernetes ${show(theirs)}, ours ${show(ours)}`;
}
