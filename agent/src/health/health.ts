import type { ManifestHealth } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';

/** How one object is doing, by the rules of its kind. DL-22 */
export interface Health {
  readonly health: ManifestHealth;
  /** One CamelCase word; empty when there is nothing to say. */
  readonly reason: string;
  /** For people; empty when there is nothing to say. */
  readonly message: string;
  readonly replicas?: Replicas;
}

export interface Replicas {
  readonly desired: number;
  readonly ready: number;
  readonly available: number;
  readonly updated: number;
  /** Of those, pods without a node for long; absent: not counted, or none. DL-23 */
  readonly unschedulable?: number;
}

/** Total: any object, however odd its status, has a health. */
export type HealthRule = (object: JsonObject) => Health;

export const healthy: Health = Object.freeze({ health: 'Healthy', reason: '', message: '' });
export const unknown: Health = Object.freeze({ health: 'Unknown', reason: '', message: '' });
/** Reason of an Unknown that comes from a rule which could not be read, or failed on the object. */
export const ruleFailed = 'RuleFailed';
/** Whether to go on after an object: a kind of which nothing is known is trusted, one whose own rule failed is not. DL-22 */
export const isTrusted = ({ health, reason }: Health): boolean =>
  health === 'Healthy' || (health === 'Unknown' && reason !== ruleFailed);
export const progressing = (reason: string, message: string): Health => ({ health: 'Progressing', reason, message });
export const degraded = (reason: string, message: string): Health => ({ health: 'Degraded', reason, message });

/** A nested field, undefined wherever the path leaves objects. */
export function field(object: unknown, ...path: string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** A nested text; empty for anything else. */
export function text(object: unknown, ...path: string[]): string {
  const value = field(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** A nested list; empty for anything else. */
export function list(object: unknown, ...path: string[]): readonly unknown[] {
  const value = field(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** A count; anything that cannot be one counts as the default. */
export function number(object: JsonObject, path: readonly string[], otherwise = 0): number {
  const value = field(object, ...path);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
}

export interface SeenCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * The condition of this type; undefined when there is none, or when it says itself that it is about an older spec.
 */
export function conditionOf(object: JsonObject, type: string): SeenCondition | undefined {
  const found = list(object, 'status', 'conditions').find((each) => field(each, 'type') === type);
  if (found === undefined) return undefined;
  const observed = field(found, 'observedGeneration');
  if (typeof observed === 'number' && observed < number(object, ['metadata', 'generation'])) return undefined;
  return { status: text(found, 'status'), reason: text(found, 'reason'), message: text(found, 'message') };
}

/** Why a condition says what it says, for people. */
export const wordsOf = ({ message, reason }: SeenCondition, otherwise: string): string =>
  message || reason || otherwise;

/** The controller of the kind says that it has not looked at the newest spec yet. */
export function isBehind(object: JsonObject): boolean {
  const observed = field(object, 'status', 'observedGeneration');
  return typeof observed === 'number' && observed < number(object, ['metadata', 'generation']);
}

/** The same for kinds whose controller always says what it observed: not said is not looked at. */
export const isUnobserved = (object: JsonObject): boolean =>
  number(object, ['status', 'observedGeneration']) < number(object, ['metadata', 'generation']);

export const waitingForController: Health = progressing(
  'NotObserved',
  'its controller has not seen the newest spec yet',
);
