import { describe, expect, test } from 'vitest';
import { allKinds } from './all.ts';
import { crdOf, objectSchemaOf } from './crd.ts';
import { fieldOf } from './value.ts';

type Node = Record<string, unknown>;

/** Every node of a schema with its path. */
function* nodesOf(schema: unknown, path = ''): Generator<[string, Node]> {
  if (typeof schema !== 'object' || schema === null) return;
  yield [path, schema as Node];
  for (const [name, child] of Object.entries((fieldOf(schema, 'properties') ?? {}) as Node)) {
    yield* nodesOf(child, `${path}.${name}`);
  }
  yield* nodesOf(fieldOf(schema, 'items'), `${path}[]`);
  yield* nodesOf(fieldOf(schema, 'additionalProperties'), `${path}{}`);
}

const schemas = allKinds.flatMap((kind) =>
  kind.versions.map((version) => ({ name: `${kind.kind} ${version.name}`, schema: objectSchemaOf(kind, version) })),
);
const allNodes = schemas.flatMap(({ name, schema }) =>
  [...nodesOf(schema)].map(([path, node]) => ({ at: name + path, node })),
);

describe('generated schemas', () => {
  test('every field but metadata says what it is', () => {
    const silent = allNodes.filter(
      ({ at, node }) => node.description === undefined && !/(metadata.*|\[\]|\{\})$/.test(at),
    );
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  test('KA-96 every node has a type, and none has properties beside additionalProperties', () => {
    const wrong = allNodes.filter(
      ({ node }) =>
        node.type === undefined || (node.properties !== undefined && node.additionalProperties !== undefined),
    );
    expect(wrong.map(({ at }) => at)).toEqual([]);
  });

  test('KA-100 the keys of every list-map are required in its items', () => {
    const wrong = allNodes.filter(({ node }) => {
      const required = (fieldOf(node.items, 'required') ?? []) as string[];
      return ((node['x-kubernetes-list-map-keys'] ?? []) as string[]).some((key) => !required.includes(key));
    });
    expect(wrong.map(({ at }) => at)).toEqual([]);
  });

  test('KA-107 every column reads a field that the schema has', () => {
    const wrong = allKinds.flatMap((kind) =>
      kind.versions.flatMap((version) =>
        version.columns
          .filter(({ jsonPath }) => !jsonPath.startsWith('.metadata.'))
          .filter(({ jsonPath }) => {
            const path = jsonPath.replace(/\[\?\(@\.type=="\w+"\)\]/, '[]');
            return ![...nodesOf(objectSchemaOf(kind, version))].some(([at]) => at === path);
          })
          .map(({ jsonPath }) => `${kind.kind} ${jsonPath}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

test('KA-94 each CRD is named after its resource and stores one version', () => {
  for (const kind of allKinds) {
    const { metadata, spec } = crdOf(kind);
    expect(metadata.name).toBe(`${spec.names.plural}.${spec.group}`);
    expect(spec.versions.filter(({ storage }) => storage).map(({ name }) => name)).toEqual([kind.version]);
  }
});

test('AB-4 both versions of a mirrored kind are one schema', () => {
  for (const kind of allKinds.filter(({ versions }) => versions.length > 1)) {
    const [first, second] = kind.versions;
    expect(first?.schema).toBe(second?.schema);
  }
});

test('no two kinds share a short name or a plural', () => {
  const words = allKinds.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
});
