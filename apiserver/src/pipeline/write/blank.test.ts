import { expect, test } from 'vitest';
import { configMaps } from '../../builtin/configmaps.ts';
import { protobufTables } from '../../builtin/tables/index.ts';
import { customResourceDefinitions } from '../../crd/crd-strategy.ts';
import { createRuleCompiler } from '../../crd/rule-programs.ts';
import { createRegistry } from '../../registry/registry.ts';
import { widgets } from '../../testing/widgets.ts';
import { blankOf } from './blank.ts';

const registry = createRegistry();
for (const definition of [configMaps, widgets, customResourceDefinitions({ ruleCompiler: createRuleCompiler() })]) {
  registry.register(definition);
}
const blank = (group: string, plural: string) => {
  const resource = registry.resolve(group, 'v1', plural);
  return resource === undefined ? undefined : blankOf(resource, protobufTables);
};

test('KA-75 what Go always writes is there before anything is said', () => {
  expect(blank('apiextensions.k8s.io', 'customresourcedefinitions')).toEqual({
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { acceptedNames: { plural: '', kind: '' } },
  });
});

test('KA-75 kinds of optional fields alone, and custom kinds, begin with nothing', () => {
  expect(blank('', 'configmaps')).toEqual({});
  expect(blank('x.io', 'widgets')).toEqual({});
});
