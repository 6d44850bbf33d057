import { describe, expect, test } from 'vitest';
import type { StructuralSchema } from '../schema/structural.ts';
import { getOwn, type JsonObject, type JsonValue } from '../wire/value.ts';
import { appSchemaWith, appSpec } from './app-schema.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { managedFieldsOf } from './owners.ts';
import { trackUpdate } from './track-update.ts';
import type { Versions } from './versions.ts';

const text: StructuralSchema = { type: 'string' };

/** v1 says `size`, v2 says `scale` to the same thing. */
const names: Readonly<Record<string, string>> = { 'apps.example/v1': 'size', 'apps.example/v2': 'scale' };
const schemas: Record<string, StructuralSchema> = {
  'apps.example/v1': appSchemaWith({ size: text, note: text }),
  'apps.example/v2': appSchemaWith({ scale: text, note: text }),
};

function convert(object: JsonObject, apiVersion: string): JsonObject {
  const { size, scale, ...rest } = (object.spec ?? {}) as JsonObject;
  const value = size ?? scale;
  const spec: JsonObject = value === undefined ? rest : { ...rest, [names[apiVersion] as string]: value };
  return { ...object, apiVersion, spec };
}

const serving =
  (...served: string[]): Versions =>
  (apiVersion) => {
    const schema = served.includes(apiVersion) ? schemas[apiVersion] : undefined;
    return schema && { schema, convert: (object) => convert(object, apiVersion) };
  };
const both = serving('apps.example/v1', 'apps.example/v2');

const app = (apiVersion: string, spec: JsonObject): JsonObject => ({
  apiVersion,
  kind: 'App',
  metadata: { name: 'app' },
  spec,
});

function input(live: JsonObject | undefined, apiVersion: string, manager: string, versions: Versions) {
  const schema = schemas[apiVersion] as StructuralSchema;
  const seen = live && { ...convert(live, apiVersion), metadata: { ...(live.metadata as JsonObject), uid: 'u' } };
  return { live: seen, schema, apiVersion, manager, versions, now: '2026-01-01T00:00:00Z' };
}

const apply = (live: JsonObject | undefined, manager: string, config: JsonObject, versions = both) =>
  applyConfiguration({ ...input(live, String(config.apiVersion), manager, versions), config });
const update = (live: JsonObject | undefined, manager: string, next: JsonObject, versions = both) =>
  trackUpdate({ ...input(live, String(next.apiVersion), manager, versions), next });

const owners = (object: JsonObject | undefined): [JsonValue, JsonValue, JsonValue][] =>
  ((managedFieldsOf(object) ?? []) as JsonObject[]).map((entry) => [
    getOwn(entry, 'manager') ?? '',
    getOwn(entry, 'apiVersion') ?? '',
    getOwn(entry, 'fieldsV1') ?? {},
  ]);

const v1 = app('apps.example/v1', { size: '1', note: 'x' });

describe('owners in several API versions', () => {
  test('KA-79 entries keep their version, and conflicts are found across versions', () => {
    const { object } = apply(undefined, 'a', v1);
    const shared = apply(object, 'b', app('apps.example/v2', { scale: '1' }));
    expect(owners(shared.object)).toEqual([
      ['b', 'apps.example/v2', { 'f:spec': { 'f:scale': {} } }],
      ['a', 'apps.example/v1', { 'f:spec': { 'f:note': {}, 'f:size': {} } }],
    ]);
    expect(apply(object, 'b', app('apps.example/v2', { scale: '2' }))).toEqual({
      conflicts: [{ field: '.spec.size', message: 'conflict with "a"' }],
    });
  });

  test('KA-79 a manager that goes on in another version drops what it applied in the old one', () => {
    const { object } = apply(undefined, 'a', v1);
    const next = apply(object, 'a', app('apps.example/v2', { note: 'x' })).object;
    expect(next?.spec).toEqual({ note: 'x' });
    expect(owners(next)).toEqual([['a', 'apps.example/v2', { 'f:spec': { 'f:note': {} } }]]);
  });

  test('KA-79 what another owns in its version stays when the manager drops it in its own', () => {
    const mine = apply(undefined, 'a', v1).object;
    const shared = apply(mine, 'b', app('apps.example/v2', { scale: '1' })).object;
    const next = apply(shared, 'a', app('apps.example/v1', { note: 'x' })).object;
    expect(next?.spec).toEqual({ size: '1', note: 'x' });
  });

  test('KA-79, KA-75 an update takes fields from owners in other versions', () => {
    const { object } = apply(undefined, 'a', v1);
    const next = update(object, 'u', app('apps.example/v2', { scale: '2', note: 'x' }));
    expect(owners(next)).toEqual([
      ['a', 'apps.example/v1', { 'f:spec': { 'f:note': {} } }],
      ['u', 'apps.example/v2', { 'f:spec': { 'f:scale': {} } }],
    ]);
  });

  test('KA-72 updates of one manager in two versions are two entries, its applies are one', () => {
    const first = update(undefined, 'u', v1);
    const second = update(first, 'u', app('apps.example/v2', { scale: '1', note: 'y' }));
    expect(owners(second).map(([manager, version]) => [manager, version])).toEqual([
      ['u', 'apps.example/v1'],
      ['u', 'apps.example/v2'],
    ]);
  });

  test('KA-79 owners in a version that is gone are forgotten', () => {
    const { object } = apply(undefined, 'a', v1);
    const only2 = serving('apps.example/v2');
    const applied = apply(object, 'b', app('apps.example/v2', { scale: '2' }), only2);
    expect(owners(applied.object)).toEqual([['b', 'apps.example/v2', { 'f:spec': { 'f:scale': {} } }]]);
    const updated = update(object, 'u', app('apps.example/v2', { scale: '1', note: 'x' }), only2);
    expect(owners(updated)).toEqual([]);
  });

  test('KA-79 without a word on versions, an object looks the same in all of them', () => {
    const other = { ...app('apps.example/v1', { note: 'x' }) };
    const first = applyConfiguration({
      ...input(undefined, 'apps.example/v1', 'a', both),
      versions: undefined,
      config: other,
    });
    const second = applyConfiguration({
      ...input(first.object, 'apps.example/v2', 'b', both),
      versions: undefined,
      config: app('apps.example/v2', { note: 'y' }),
    });
    expect(second).toEqual({ conflicts: [{ field: '.spec.note', message: 'conflict with "a"' }] });
  });
});

describe('a schema that changed since', () => {
  const granular = appSchemaWith(appSpec);
  const { containers = {}, strategy = {} } = appSpec;
  const atomic = appSchemaWith({
    ...appSpec,
    containers: { ...containers, 'x-kubernetes-list-type': 'atomic' },
    strategy: { ...strategy, 'x-kubernetes-map-type': 'atomic' },
  });
  const spec = { replicas: 1, containers: [{ name: 'web', image: 'x' }], strategy: { rolling: { maxSurge: 1 } } };
  const config = app('apps.example/v1', spec);
  const request = { apiVersion: 'apps.example/v1', now: '2026-01-01T00:00:00Z', config };

  test('KA-79 owners of parts own the whole once a list or map is atomic', () => {
    const live = applyConfiguration({ ...request, live: undefined, schema: granular, manager: 'a' }).object;
    const { object } = applyConfiguration({ ...request, live, schema: atomic, manager: 'b' });
    const whole = { 'f:spec': { 'f:containers': {}, 'f:replicas': {}, 'f:strategy': {} } };
    expect(owners(object)).toEqual([
      ['b', 'apps.example/v1', whole],
      ['a', 'apps.example/v1', whole],
    ]);
  });

  test('KA-79 owners of the whole stay so when a list or map is granular again', () => {
    const live = applyConfiguration({ ...request, live: undefined, schema: atomic, manager: 'a' }).object;
    const changed = app('apps.example/v1', { ...spec, strategy: { rolling: { maxSurge: 2 } } });
    const { object } = applyConfiguration({ ...request, config: changed, live, schema: granular, manager: 'b' });
    expect(owners(object)[0]?.[2]).toEqual({ 'f:spec': { 'f:containers': {}, 'f:replicas': {}, 'f:strategy': {} } });
  });
});
