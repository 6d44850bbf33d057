import { createHash, timingSafeEqual } from 'node:crypto';
import { label, labelValueOf } from '@quarterdeck/apis';
import {
  type DecisionFollower,
  decodeJson,
  type FollowedDecision,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  WireError,
} from '@quarterdeck/machinery';
import { parametersOf } from './parameters.ts';

/** The one path of Argo CD's contract for plugin generators. */
const generatorPath = '/api/v1/getparams.execute';

/** A request of Argo CD's ApplicationSet controller. */
export interface GeneratorRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Uint8Array;
}

/** An answer; a refusal has a `message`, which Argo CD shows in the conditions of the ApplicationSet. */
export interface GeneratorAnswer {
  readonly status: number;
  readonly body: JsonObject;
  /** It may be another one in a moment, since it rests on what is not known yet. */
  readonly mayChange?: true;
}

export interface GeneratorContext {
  /** Of the one namespace that is served. */
  readonly decisions: Pick<DecisionFollower, 'hasSynced' | 'list' | 'profileOf'>;
  readonly namespace: string;
  /** Read anew for each request, so that a token can be changed. */
  readonly readToken: () => Promise<string>;
}

/**
 * Argo CD's plugin generator contract over decisions. It says where, only when that is known: while it is not (not read yet,
 * no decision, half an update seen first), the answer is an error, at which Argo CD leaves the Applications as they are.
 * PD-23, PD-25
 */
export async function answer(request: GeneratorRequest, context: GeneratorContext): Promise<GeneratorAnswer> {
  if (request.path !== generatorPath) return refusal(404, `there is nothing here but POST ${generatorPath}`);
  if (request.method !== 'POST') return refusal(405, `${generatorPath} answers POST only`);
  if (!(await isAllowed(request.authorization, context))) return refusal(403, 'the bearer token is missing or wrong');
  const asked = readQuestion(request.body);
  if (typeof asked === 'string') return refusal(400, asked);
  if (!context.decisions.hasSynced()) return notYet(refusal(503, 'decisions are being read; ask again'));
  const found = context.decisions.list().filter((decision) => isAskedFor(decision, asked));
  const [decision] = found;
  if (decision === undefined) {
    const why = 'does not exist, has no decision yet, or its decision is just being written';
    return notYet(refusal(404, `${asked.parameter} ${asked.value} in namespace ${context.namespace} ${why}`));
  }
  if (found.length > 1) return refusal(409, `several decisions have the ${asked.parameter} ${asked.value}`);
  const parameters = parametersOf(decision, context.decisions.profileOf);
  return { status: 200, body: { output: { parameters } } };
}

const refusal = (status: number, message: string): GeneratorAnswer => ({ status, body: { message } });
const notYet = (answer: GeneratorAnswer): GeneratorAnswer => ({ ...answer, mayChange: true });

/** What an ApplicationSet asks for, by one parameter of its generator. */
interface Question {
  /** `placement`: a Placement by name. `placementKey`: whatever scheduler, by the label of that name. PD-3 */
  readonly parameter: 'placement' | 'placementKey';
  readonly value: string;
}

function isAskedFor({ labels, placementKey }: FollowedDecision, { parameter, value }: Question): boolean {
  return parameter === 'placement' ? labels[label.placement] === labelValueOf(value) : placementKey === value;
}

/** @returns the question, or what is wrong with it */
function readQuestion(body: Uint8Array): Question | string {
  let value: JsonValue;
  try {
    value = decodeJson(body).value;
  } catch (error) {
    if (error instanceof WireError) return `the body is not JSON: ${error.message}`;
    throw error;
  }
  const parameters = memberOf(memberOf(value, 'input'), 'parameters');
  const form = 'input.parameters must have either placement, the name of a Placement, or placementKey';
  if (!isJsonObject(parameters)) return form;
  const unknown = Object.keys(parameters).filter((key) => key !== 'placement' && key !== 'placementKey');
  if (unknown.length > 0) return `input.parameters.${unknown[0]} is not known; ${form}`;
  const given = Object.entries(parameters);
  const [parameter, text] = given[0] ?? [];
  if (given.length !== 1 || typeof text !== 'string' || text === '') return form;
  return { parameter: parameter === 'placement' ? 'placement' : 'placementKey', value: text };
}

const memberOf = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** Digests are compared: they are of one length, so that time tells nothing of the token. */
async function isAllowed(authorization: string | undefined, { readToken }: GeneratorContext): Promise<boolean> {
  const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  const token = (await readToken()).trim();
  if (given === undefined || token === '') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
