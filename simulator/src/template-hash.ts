import type { PodTemplateSpec } from '@quarterdeck/apis';
import { encodeJson, equalValues, type JsonValue } from '@quarterdeck/machinery';
import { hash32 } from './random.ts';

export const podTemplateHash = 'pod-template-hash';
export const revisionHash = 'controller-revision-hash';

/** Without vowels and look-alikes, so that no hash spells a word. */
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** A short word that depends on a template's content, and on how many earlier words collided. */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  const text = String(hash32(`${canonical(template as JsonValue)}/${collisions}`));
  return [...text].map((digit) => letters[digit.charCodeAt(0) % letters.length]).join('');
}

/** Whether two templates ask for the same pods; the hash label, which only copies carry, does not count. */
export function sameTemplate(one: PodTemplateSpec | undefined, other: PodTemplateSpec | undefined): boolean {
  return equalValues(withoutHash(one) as JsonValue, withoutHash(other) as JsonValue);
}

function withoutHash(template: PodTemplateSpec = {}): PodTemplateSpec {
  const { [podTemplateHash]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** JSON with its keys in order. */
function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return encodeJson(value);
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([key, field]) => `${encodeJson(key)}:${canonical(field)}`).join(',')}}`;
}
