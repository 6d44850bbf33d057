import { expect, test } from 'vitest';
import { configMaps } from '../builtin/configmaps.ts';
import { events, newEvents } from '../builtin/events.ts';
import { leases } from '../builtin/leases.ts';
import type { ResourceDefinition } from './definition.ts';
import { createRegistry, storageName } from './registry.ts';

function widgets(versions: readonly { name: string; served: boolean }[]): ResourceDefinition {
  const [template] = configMaps.versions;
  if (template === undefined) throw new Error('a definition has a version');
  return {
    ...configMaps,
    group: 'x.io',
    plural: 'widgets',
    kind: 'Widget',
    origin: 'custom',
    versions: versions.map((version) => ({ ...template, ...version })),
  };
}

test('KA-4 served versions resolve by plural and by kind, others do not', () => {
  const definition = widgets([
    { name: 'v1', served: true },
    { name: 'v2', served: false },
  ]);
  const registry = createRegistry([configMaps, definition]);
  expect(registry.resolve('x.io', 'v1', 'widgets')?.definition).toBe(definition);
  expect(registry.resolveKind('x.io', 'v1', 'Widget')?.version.name).toBe('v1');
  expect(registry.resolve('x.io', 'v2', 'widgets')).toBeUndefined();
  expect(registry.resolve('x.io', 'v1', 'gadgets')).toBeUndefined();
  expect(registry.resolveKind('x.io', 'v1', 'Gadget')).toBeUndefined();
  expect(registry.byStorageName('widgets.x.io')).toBe(definition);
});

test('KA-13 groups and versions are in order, unserved versions are not there', () => {
  const registry = createRegistry([
    widgets([
      { name: 'v1alpha1', served: true },
      { name: 'v1', served: true },
      { name: 'v2', served: false },
    ]),
    leases,
    configMaps,
  ]);
  expect(registry.groups().map(({ name, versions }) => [name, versions.map((version) => version.name)])).toEqual([
    ['', ['v1']],
    ['coordination.k8s.io', ['v1']],
    ['x.io', ['v1', 'v1alpha1']],
  ]);
});

test('KA-15 changes are told and counted; a repeated registration is none', () => {
  const registry = createRegistry();
  const seen: unknown[] = [];
  using _listener = registry.onChange(({ previous, current }) => seen.push([previous?.plural, current?.plural]));
  registry.register(configMaps);
  registry.register(configMaps);
  registry.unregister('', 'configmaps');
  registry.unregister('', 'configmaps');
  expect(seen).toEqual([
    [undefined, 'configmaps'],
    ['configmaps', undefined],
  ]);
  expect(registry.generation).toBe(2);
});

test('KA-1 the two kinds of events share their storage', () => {
  expect([storageName(events), storageName(newEvents), storageName(leases)]).toEqual([
    'events',
    'events',
    'leases.coordination.k8s.io',
  ]);
});
