import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../wire/value.ts';
import { appApiVersion, appSchema } from './app-schema.ts';
import { type ApplyConfigurationInput, applyConfiguration } from './apply-configuration.ts';
import { keepManagedFieldsOfNoOp } from './no-op.ts';
import { managedFieldsOf } from './owners.ts';
import { SmdError } from './smd-error.ts';

const app = (spec?: JsonObject, metadata?: JsonObject): JsonObject => ({
  apiVersion: appApiVersion,
  kind: 'App',
  metadata: { name: 'app', ...metadata },
  ...(spec === undefined ? {} : { spec }),
});

function apply(
  live: JsonObject | undefined,
  config: JsonObject,
  options?: Partial<ApplyConfigurationInput>,
): JsonObject {
  const input = {
    live,
    config,
    schema: appSchema,
    manager: 'a',
    apiVersion: appApiVersion,
    now: '2026-01-01T00:00:01Z',
  };
  const { object, conflicts } = applyConfiguration({ ...input, ...options });
  if (object === undefined) throw new Error(JSON.stringify(conflicts));
  return object;
}

const ownersOf = (object: JsonObject) => (managedFieldsOf(object) ?? []) as JsonObject[];

function problemsOf(config: JsonObject): SmdError['problems'] {
  try {
    apply(undefined, config);
    return [];
  } catch (error) {
    if (error instanceof SmdError) return error.problems;
    throw error;
  }
}

describe('configurations that cannot be applied', () => {
  const rows: { name: string; spec?: JsonObject; metadata?: JsonObject; field: string; message: string }[] = [
    {
      name: 'KA-74 a field that the schema does not know',
      spec: { containers: [{ name: 'web', imag: 'x' }] },
      field: '.spec.containers[name="web"].imag',
      message: 'field not declared in schema',
    },
    {
      name: 'KA-74 text for a number',
      spec: { replicas: 'two' },
      field: '.spec.replicas',
      message: 'expected numeric (int or float), got "two"',
    },
    {
      name: 'KA-74 a number for text',
      spec: { labels: { x: 1 } },
      field: '.spec.labels.x',
      message: 'expected string, got 1',
    },
    {
      name: 'KA-74 text for a boolean',
      spec: { paused: 'yes' },
      field: '.spec.paused',
      message: 'expected boolean, got "yes"',
    },
    {
      name: 'KA-74 a map for a list',
      spec: { tags: { x: 'y' } },
      field: '.spec.tags',
      message: 'expected list, got {"x":"y"}',
    },
    {
      name: 'KA-74 a list for a map',
      spec: { labels: ['x'] },
      field: '.spec.labels',
      message: 'expected map, got ["x"]',
    },
    {
      name: 'KA-74 a map for a scalar',
      metadata: { deletionTimestamp: {} },
      field: '.metadata.deletionTimestamp',
      message: 'expected any scalar, got {}',
    },
    {
      name: 'KA-74 an item twice, once by its default key',
      spec: { containers: [{ name: 'web', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }] },
      field: '.spec.containers[name="web"].ports',
      message: 'duplicate entries for key [containerPort=80,protocol="TCP"]',
    },
    {
      name: 'KA-74 a value twice in a set',
      spec: { tags: ['x', 'y', 'x'] },
      field: '.spec.tags',
      message: 'duplicate entries for key [="x"]',
    },
    {
      name: 'KA-74 an item without any key',
      spec: { containers: [{ image: 'x' }] },
      field: '.spec.containers',
      message:
        'element 0: associative list with keys has an element that omits all key fields ["name"] (and none of them has a default)',
    },
    {
      name: 'KA-74 null as an item',
      spec: { containers: [null] },
      field: '.spec.containers',
      message: 'element 0: associative list with keys may not have a null element',
    },
    {
      name: 'KA-74 text as a keyed item',
      spec: { containers: ['web'] },
      field: '.spec.containers',
      message: 'element 0: associative list with keys may not have non-map elements',
    },
    {
      name: 'KA-74 null in a set',
      spec: { tags: [null] },
      field: '.spec.tags',
      message: 'element 0: associative list without keys has an element that is an explicit null',
    },
    {
      name: 'KA-74 a map in a set',
      spec: { tags: [{}] },
      field: '.spec.tags',
      message: 'element 0: associative list without keys may not have maps as elements',
    },
    {
      name: 'KA-74 a list in a set',
      spec: { tags: [[]] },
      field: '.spec.tags',
      message: 'element 0: associative list without keys may not have lists as elements',
    },
    {
      name: 'KA-71b managedFields in the configuration',
      metadata: { managedFields: [] },
      field: '',
      message: 'metadata.managedFields must be nil',
    },
  ];

  test.each(rows)('$name', ({ spec, metadata, field, message }) => {
    expect(problemsOf(app(spec, metadata))).toEqual([{ field, message }]);
  });

  test('KA-71b another API version than that of the request', () => {
    expect(problemsOf({ ...app(), apiVersion: 'apps.example/v2' })).toEqual([
      {
        field: '.apiVersion',
        message: 'the applied configuration is in version "apps.example/v2", the request in "apps.example/v1"',
      },
    ]);
  });

  test('KA-74 all problems are told at once', () => {
    const config = app({ replicas: 'two', paused: 1, nope: {} });
    expect(() => apply(undefined, config)).toThrow(
      'errors:\n  .spec.replicas: expected numeric (int or float), got "two"\n' +
        '  .spec.paused: expected boolean, got 1\n  .spec.nope: field not declared in schema',
    );
  });

  test('KA-74 null and long integers fit everywhere', () => {
    expect(problemsOf(app({ replicas: 2n ** 60n, paused: null, labels: null, tags: null }))).toEqual([]);
  });
});

describe('the answer', () => {
  test('KA-72 an entry has all its parts, in whole seconds', () => {
    const object = apply(undefined, app({ replicas: 1 }), {
      subresource: 'scale',
      now: '2026-01-01T02:00:01.987654+02:00',
    });
    expect(object).toEqual({
      ...app({ replicas: 1 }),
      metadata: {
        name: 'app',
        managedFields: [
          {
            manager: 'a',
            operation: 'Apply',
            apiVersion: appApiVersion,
            time: '2026-01-01T00:00:01Z',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:spec': { 'f:replicas': {} } },
            subresource: 'scale',
          },
        ],
      },
    });
  });

  test('KA-72 a manager without a name is called unknown', () => {
    expect(ownersOf(apply(undefined, app({ replicas: 1 }), { manager: '' }))).toMatchObject([{ manager: 'unknown' }]);
  });

  test('KA-77 an object without owners is given to before-first-apply', () => {
    const live = app({ replicas: 1, paused: true }, { uid: 'u' });
    const object = apply({ ...live, status: { phase: 'Up' } }, app({ replicas: 1 }), { resetPaths: [['status']] });
    expect(ownersOf(object)).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: appApiVersion,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'before-first-apply',
        operation: 'Update',
        apiVersion: appApiVersion,
        time: '2026-01-01T00:00:01Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { '.': {}, 'f:paused': {}, 'f:replicas': {} } },
      },
    ]);
  });

  test('KA-77 stored managedFields that are invalid count as none', () => {
    const live = app({ replicas: 1 }, { uid: 'u', managedFields: [{ manager: 'x', operation: 'Own' }] });
    expect(ownersOf(apply(live, app({ replicas: 1 }))).map(({ manager }) => manager)).toEqual([
      'a',
      'before-first-apply',
    ]);
  });

  test('KA-79 defaults that the server fills in are owned by nobody', () => {
    const created = apply(undefined, app({ containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] }));
    const stored: JsonObject = {
      ...created,
      spec: { paused: false, containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    };
    const b = apply(stored, app({ paused: true, containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] }), {
      manager: 'b',
    });
    expect(b.spec).toEqual({
      paused: true,
      containers: [{ name: 'web', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
    });
  });

  test('KA-79 a default that comes back after it was left out moves no time', () => {
    const stored = apply(undefined, app({ replicas: 1, paused: false }));
    const later = apply(stored, app({ replicas: 1 }), { now: '2026-01-01T00:00:09Z' });
    expect(later.spec).toEqual({ replicas: 1 });
    const defaulted: JsonObject = { ...later, spec: { replicas: 1, paused: false } };
    expect(keepManagedFieldsOfNoOp(stored, defaulted)).toBe(defaulted);
    const again = apply(defaulted, app({ replicas: 1 }), { now: '2026-01-01T00:00:20Z' });
    expect(again).toEqual(defaulted);
  });

  test('KA-56 an unset creation time in the configuration is no change', () => {
    const stored = apply(undefined, app({ replicas: 1 }));
    const live: JsonObject = {
      ...stored,
      metadata: { ...(stored.metadata as JsonObject), creationTimestamp: '2025-01-01T00:00:00Z' },
    };
    const config = app({ replicas: 1 }, { creationTimestamp: null });
    expect(apply(live, config, { now: '2026-01-01T00:00:20Z' })).toEqual(live);
  });

  test('KA-56 a status that will be put back moves no time', () => {
    const options = { resetPaths: [['status']] };
    const live = apply(undefined, app({ replicas: 1 }), options);
    const config = { ...app({ replicas: 1 }), status: { phase: 'Up' } };
    const object = apply(live, config, { ...options, now: '2026-01-01T00:00:20Z' });
    expect(object).toEqual({ ...live, status: { phase: 'Up' } });
  });

  test('KA-76 a container that is applied empty is there when its content goes', () => {
    const live = apply(undefined, app({ extra: { x: 1 }, tags: ['x'] }));
    expect(apply(live, app({ extra: {}, tags: [] })).spec).toEqual({ extra: {}, tags: [] });
  });

  test('KA-76 metadata never goes as a whole', () => {
    const stored = apply(undefined, app({ replicas: 1 }, { labels: { x: 'y' } }));
    const live: JsonObject = {
      ...stored,
      metadata: { ...(stored.metadata as JsonObject), uid: 'u', resourceVersion: '7' },
    };
    const object = apply(live, app({ replicas: 1 }), { resetPaths: [['metadata']] });
    expect(object.metadata).toMatchObject({ name: 'app', uid: 'u', resourceVersion: '7' });
  });

  test('KA-52 integers beyond 2^53 are compared exactly', () => {
    const live = apply(undefined, app({ replicas: 2n ** 60n }));
    const result = applyConfiguration({
      live,
      config: app({ replicas: 2n ** 60n + 1n }),
      schema: appSchema,
      manager: 'b',
      apiVersion: appApiVersion,
      now: '2026-01-01T00:00:01Z',
    });
    expect(result).toEqual({ conflicts: [{ field: '.spec.replicas', message: 'conflict with "a"' }] });
  });

  test('BI-5 fields named like parts of every object are fields', () => {
    const labels = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}') as JsonObject;
    const object = apply(undefined, app({ labels }));
    expect(apply(object, app({ labels }))).toEqual(object);
    expect(Object.keys((object.spec as JsonObject).labels as JsonObject)).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
    expect(apply(object, app({ labels: { toString: 't' } })).spec).toEqual({ labels: { toString: 't' } });
  });
});
