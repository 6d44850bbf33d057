import type { ManifestHealth } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';

/** How one object is doing, by the rules of its kind. DL-22 */
export interface Health {
  readonly health: ManifestHealth;
  /** For people; empty when there is nothing to say. */
  readonly message: string;
  readonly replicas?: {
    readonly desired: number;
    readonly ready: number;
    readonly available: number;
    readonly updated: number;
  };
}

/** Total: any object, however odd its status, has a health. */
export type HealthRule = (object: JsonObject) => Health;

export const healthy: Health = Object.freeze({ health: 'Healthy', message: '' });
export const progressing = (message: string): Health => ({ health: 'Progressing', message });
export const degraded = (message: string): Health => ({ health: 'Degraded', message });
export const unknown: Health = Object.freeze({ health: 'Unknown', message: '' });

/** A nested field, undefined wherever the path leaves objects. */
export function field(object: JsonObject, ...path: string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
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

export function conditionOf(object: JsonObject, type: string): SeenCondition | undefined {
  const conditions = field(object, 'status', 'conditions');
  if (!Array.isArray(conditions)) return undefined;
  const found = conditions.find((each) => (each as JsonObject | null)?.type === type) as JsonObject | undefined;
  if (found === undefined) return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { status: text(found.status), reason: text(found.reason), message: text(found.message) };
}

/** The controller of the kind has not looked at the newest spec yet. */
export function isBehind(object: JsonObject): boolean {
  const generation = number(object, ['metadata', 'generation']);
  const observed = field(object, 'status', 'observedGeneration');
  return typeof observed === 'number' && observed < generation;
}

export const waitingForController: Health = progressing('its controller has not seen the newest spec yet');
