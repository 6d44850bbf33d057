import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { CustomResourceDefinitionVersion } from '../builtin/extensions.ts';
import { sigKinds } from './all.ts';
import { crdOf } from './crd.ts';

interface Shape {
  crdName: string;
  group: string;
  scope: string;
  names: { shortNames: string[]; categories: string[] };
  crdLabels?: Record<string, string>;
  crdAnnotations?: Record<string, string>;
  versions: { additionalPrinterColumns: unknown[] }[];
}

const shapes: Record<string, Shape> = JSON.parse(
  await readFile(new URL('../testing/upstream-shapes.json', import.meta.url), 'utf8'),
);

/** Without what is ours to choose: descriptions, and the order of required fields. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([keyword, content]) => !(keyword === 'description' && typeof content === 'string'))
      .map(([keyword, content]) => [
        keyword,
        keyword === 'required' && Array.isArray(content) ? [...content].sort() : bare(content),
      ]),
  );
}

/** Columns may be added where upstream has none; short names and the category anywhere. */
function comparableVersion(version: CustomResourceDefinitionVersion, hasUpstreamColumns: boolean) {
  return {
    name: version.name,
    served: version.served,
    storage: version.storage,
    subresources: version.subresources ?? {},
    additionalPrinterColumns: hasUpstreamColumns ? (version.additionalPrinterColumns ?? []) : [],
    openAPIV3Schema: version.schema?.openAPIV3Schema,
  };
}

test('CI-4 every upstream kind is mirrored', () => {
  expect(sigKinds.map(({ kind }) => kind).sort()).toEqual(Object.keys(shapes).sort());
});

test.each(sigKinds.map((kind) => ({ name: kind.kind, kind })))(
  'PD-26 the CRD of $name has exactly the fields of upstream',
  ({ name, kind }) => {
    const shape = shapes[name] as Shape;
    const { metadata, spec } = crdOf(kind);
    const { shortNames = [], categories = [], ...names } = spec.names;
    const { shortNames: wantShortNames, categories: wantCategories, ...wantNames } = shape.names;
    expect({ crdName: metadata.name, group: spec.group, scope: spec.scope, names }).toEqual({
      crdName: shape.crdName,
      group: shape.group,
      scope: shape.scope,
      names: wantNames,
    });
    expect(shortNames).toEqual(expect.arrayContaining(wantShortNames));
    expect([...wantCategories, 'multicluster']).toEqual(expect.arrayContaining(categories));
    expect(metadata.labels).toMatchObject(shape.crdLabels ?? {});
    expect(metadata.annotations).toEqual(shape.crdAnnotations);
    expect(
      bare(
        spec.versions.map((version, index) =>
          comparableVersion(version, (shape.versions[index]?.additionalPrinterColumns.length ?? 0) > 0),
        ),
      ),
    ).toEqual(bare(shape.versions));
  },
);
