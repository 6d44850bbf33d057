import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../wire/value.ts';
import { appApiVersion, appSchema } from './app-schema.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { extractOwned } from './extract-owned.ts';
import { trackUpdate } from './track-update.ts';

const app = (rest: JsonObject): JsonObject => ({
  apiVersion: appApiVersion,
  kind: 'App',
  ...rest,
  metadata: { name: 'app', namespace: 'n', ...(rest.metadata as JsonObject | undefined) },
});
const common = { schema: appSchema, apiVersion: appApiVersion, now: '2026-01-01T00:00:00Z' };
const apply = (live: JsonObject | undefined, manager: string, config: JsonObject, subresource?: string): JsonObject => {
  const { object, conflicts } = applyConfiguration({ ...common, live, manager, config, subresource });
  if (object === undefined) throw new Error(JSON.stringify(conflicts));
  return object;
};

const mine = app({
  metadata: { labels: { mine: 'x' }, finalizers: ['x.example/mine'] },
  spec: {
    selector: { app: 'x' },
    containers: [{ name: 'web', ports: [{ containerPort: 80, name: 'http' }] }, { name: 'side' }],
    tags: ['a'],
    volumes: { tmp: {} },
    extra: { x: { y: [1, 2] } },
  },
});
const theirs = app({
  metadata: { labels: { theirs: 'y' }, finalizers: ['x.example/theirs'] },
  spec: {
    replicas: 2,
    containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }],
    tags: ['b'],
    volumes: { tmp: { medium: 'Memory' } },
    extra: { x: { z: 1 } },
  },
});

describe('the part of an object that a manager owns', () => {
  const live = apply(apply(undefined, 'mine', mine), 'theirs', theirs);

  test('KA-76 is what it applied, with the keys of items', () => {
    expect(extractOwned(live, appSchema, 'theirs')).toEqual(theirs);
    // An empty map that somebody filled since is owned with nothing in it.
    expect(extractOwned(live, appSchema, 'mine')).toEqual(mine);
  });

  test('KA-76 shows what is live, so that drift can be seen', () => {
    const drifted: JsonObject = { ...live, spec: { ...(live.spec as JsonObject), replicas: 9 } };
    expect(extractOwned(drifted, appSchema, 'theirs')).toMatchObject({ spec: { replicas: 9 } });
  });

  test('KA-75 lacks what others took or removed', () => {
    const changed: JsonObject = { ...(live.spec as JsonObject), replicas: 5, tags: ['a'] };
    const next = trackUpdate({ ...common, live, next: { ...live, spec: changed }, manager: 'scaler' });
    const { replicas: _, tags: __, ...kept } = theirs.spec as JsonObject;
    expect(extractOwned(next, appSchema, 'theirs')).toEqual({ ...theirs, spec: kept });
  });

  test('KA-72 only what was applied through this resource or subresource counts', () => {
    const both = apply(live, 'mine', app({ status: { phase: 'Up' } }), 'status');
    expect(extractOwned(both, appSchema, 'mine', 'status')).toEqual(app({ status: { phase: 'Up' } }));
    expect(extractOwned(both, appSchema, 'mine')).toEqual(mine);
    expect(extractOwned(both, appSchema, 'theirs', 'status')).toBeUndefined();
  });

  test('KA-72 who never applied owns nothing to extract', () => {
    const updated = trackUpdate({ ...common, live: undefined, next: mine, manager: 'mine' });
    expect(extractOwned(updated, appSchema, 'mine')).toBeUndefined();
    expect(extractOwned(mine, appSchema, 'mine')).toBeUndefined();
  });

  test('KA-77 invalid managedFields tell nothing', () => {
    const broken = app({ metadata: { managedFields: [{ manager: 'mine', operation: 'Own' }] } });
    expect(extractOwned(broken, appSchema, 'mine')).toBeUndefined();
  });
});
