import type { KubeObject } from '../meta/object.ts';
import { apiVersionOf, type ResourceType } from '../meta/resource.ts';

/** An object of a kind for tables: the frame, then the fields, which may be as wrong as the test needs. */
export function objectOf(
  kind: Pick<ResourceType, 'group' | 'version' | 'kind'>,
  name: string,
  fields: Record<string, unknown> = {},
): KubeObject & Record<string, unknown> {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name }, ...fields };
}

/** The smallest manifest that means something. */
export const configMapManifest = (name = 'app', annotations?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(annotations === undefined ? {} : { annotations }) },
  data: { greeting: 'hello' },
});

/** One character too long for a label. */
export const longName = 'x'.repeat(64);

export const times = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

/** A condition that is right but for the given fields. */
export const conditionOf = (fields: Record<string, unknown> = {}) => ({
  type: 'Applied',
  status: 'True',
  reason: 'AppliedWorkComplete',
  message: '',
  lastTransitionTime: '2026-01-31T12:00:00Z',
  ...fields,
});
