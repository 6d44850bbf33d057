import type { JsonObject } from '@quarterdeck/machinery';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onlyPaths, parseIgnoredFields, withoutPaths } from './field-paths.ts';
import { pathText } from './owned-fields.ts';

const parsed = (text: string) => {
  const fields = parseIgnoredFields(text);
  if ('problem' in fields) throw new Error(fields.problem);
  return fields;
};
const paths = (text: string) => parsed(text).map(({ path }) => path);
const object: JsonObject = {
  kind: 'Deployment',
  metadata: { annotations: { 'a.b/c': '1', other: '2' } },
  spec: {
    replicas: 2,
    containers: [
      { name: 'app', image: 'a:1', ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] },
      { name: 'side', image: 's:1' },
    ],
  },
};

describe('parseIgnoredFields', () => {
  test('DL-3 paths with keys, quotes and modes; Never without one', () => {
    const text =
      'spec.replicas; .spec.containers[name=app].image:AtCreation\n metadata.annotations["a.b/c"]:OnChange;' +
      'spec.containers[name="app"].ports[containerPort=80,protocol=TCP].name:Never;';
    expect(parsed(text).map(({ path, mode }) => [pathText(path), mode])).toEqual([
      ['.spec.replicas', 'Never'],
      ['.spec.containers[name="app"].image', 'AtCreation'],
      ['.metadata.annotations.a.b/c', 'OnChange'],
      ['.spec.containers[name="app"].ports[containerPort=80,protocol="TCP"].name', 'Never'],
    ]);
  });

  test.each([
    { text: 'spec..replicas', problem: 'cannot read the field path "spec..replicas"' },
    { text: 'spec[0]', problem: 'cannot read the field path "spec[0]"' },
    { text: 'spec.replicas:Once', problem: 'cannot read the field path "spec.replicas:Once"' },
    {
      text: 'metadata.name',
      problem: 'the field path "metadata.name" says which object it is and cannot be ignored',
    },
    { text: 'kind', problem: 'the field path "kind" says which object it is and cannot be ignored' },
    { text: 'metadata', problem: 'the field path "metadata" says which object it is and cannot be ignored' },
  ])('DL-3 $text is an error that names it', ({ text, problem }) => {
    expect(parseIgnoredFields(text)).toEqual({ problem });
  });

  test('DL-3 no text breaks it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const fields = parseIgnoredFields(text);
        expect('problem' in fields || Array.isArray(fields)).toBe(true);
      }),
    );
  });
});

describe('paths of an object', () => {
  const text = 'spec.replicas; spec.containers[name=app].image; metadata.annotations["a.b/c"]; spec.none; kind.x';
  test('DL-3 what is left out, by keys; the rest and the original stay', () => {
    const before = structuredClone(object);
    expect(withoutPaths(object, paths(text.replace('; kind.x', '')))).toEqual({
      kind: 'Deployment',
      metadata: { annotations: { other: '2' } },
      spec: {
        containers: [
          { name: 'app', ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] },
          { name: 'side', image: 's:1' },
        ],
      },
    });
    expect(object).toEqual(before);
  });

  test('DL-3 only these fields, with the keys that lead to them', () => {
    expect(onlyPaths(object, paths(text.replace('; kind.x', '')))).toEqual({
      metadata: { annotations: { 'a.b/c': '1' } },
      spec: { replicas: 2, containers: [{ name: 'app', image: 'a:1' }] },
    });
    expect(onlyPaths(object, paths('spec.none'))).toBeUndefined();
  });

  test('DL-3 a whole item', () => {
    const item = paths('spec.containers[name=side]');
    expect((withoutPaths(object, item).spec as JsonObject).containers).toHaveLength(1);
    expect(onlyPaths(object, item)).toEqual({ spec: { containers: [{ name: 'side', image: 's:1' }] } });
  });
});
