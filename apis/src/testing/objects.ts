import type { KindDefinition } from '../kinds/define-kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { apiVersionOf } from '../meta/resource.ts';

/** An object of a kind for tables: the frame, then the fields, which may be as wrong as the test needs. */
export function objectOf(
  kind: Pick<KindDefinition, 'group' | 'version' | 'kind'>,
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
