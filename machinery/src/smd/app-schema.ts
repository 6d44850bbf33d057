import { withObjectFrame } from '../schema/object-meta.ts';
import type { StructuralSchema } from '../schema/structural.ts';

// The schema that the tests of this folder share: a workload with one of every kind of list and map.

/** The version of all test objects. */
export const appApiVersion = 'apps.example/v1';

const text: StructuralSchema = { type: 'string' };
const integer: StructuralSchema = { type: 'integer' };
const intOrString: StructuralSchema = { 'x-kubernetes-int-or-string': true };
const map = (additionalProperties: StructuralSchema): StructuralSchema => ({ type: 'object', additionalProperties });
const struct = (properties: Record<string, StructuralSchema>): StructuralSchema => ({ type: 'object', properties });
const keyed = (keys: string[], properties: Record<string, StructuralSchema>): StructuralSchema => ({
  type: 'array',
  items: struct(properties),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

const container: Record<string, StructuralSchema> = {
  name: text,
  image: text,
  args: { type: 'array', items: text },
  env: keyed(['name'], { name: text, value: text }),
  ports: keyed(['containerPort', 'protocol'], {
    containerPort: integer,
    protocol: { type: 'string', default: 'TCP' },
    name: text,
    hostPort: integer,
  }),
  resources: struct({ limits: map(intOrString) }),
};

/** The properties of an App's spec. */
export const appSpec: Record<string, StructuralSchema> = {
  replicas: integer,
  paused: { type: 'boolean' },
  selector: { ...map(text), 'x-kubernetes-map-type': 'atomic' },
  containers: keyed(['name'], container),
  labels: map(text),
  tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
  strategy: struct({ type: text, rolling: struct({ maxSurge: intOrString, maxUnavailable: intOrString }) }),
  volumes: map(struct({ medium: text, size: struct({ limit: text }) })),
  extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

const status = struct({
  phase: text,
  conditions: keyed(['type'], { type: text, status: text, reason: text }),
});

/** An App whose spec has these properties. */
export const appSchemaWith = (spec: Record<string, StructuralSchema>): StructuralSchema =>
  withObjectFrame(struct({ spec: struct(spec), status }));

/** The schema of whole Apps. */
export const appSchema: StructuralSchema = appSchemaWith(appSpec);
