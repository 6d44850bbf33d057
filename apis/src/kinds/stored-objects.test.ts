import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { KubeObject } from '../meta/object.ts';
import { allKinds } from './all.ts';

/**
 * Objects as earlier releases stored them, one file for each release, never edited. A change of a schema that would make
 * one of them unreadable, or read differently, fails here.
 */
const folder = new URL('../testing/', import.meta.url);
const files = (await readdir(folder)).filter((name) => /^stored-.*\.json$/.test(name));
const stored = await Promise.all(
  files.map(async (file) => ({
    file,
    objects: JSON.parse(await readFile(new URL(file, folder), 'utf8')) as (KubeObject & Record<string, unknown>)[],
  })),
);

/** Kinds that came after the first release. */
const laterKinds = ['AcceptanceRule', 'ClusterScore', 'HealthRule'];

test('the first release has an object of every kind', () => {
  const first = stored.find(({ file }) => file === 'stored-0.1.0.json');
  expect(first?.objects.map(({ kind }) => kind).sort()).toEqual(
    allKinds
      .map(({ kind }) => kind)
      .filter((kind) => !laterKinds.includes(kind))
      .sort(),
  );
});

test.each(
  stored.flatMap(({ file, objects }) => objects.map((object) => ({ name: `${object.kind} of ${file}`, object }))),
)('KA-106 $name is read as it was written', ({ object }) => {
  const { apiVersion, kind, metadata: _metadata, ...fields } = object;
  const definition = allKinds.find((candidate) => candidate.kind === kind);
  const version = definition?.versions.find(({ name }) => `${definition.group}/${name}` === apiVersion);
  expect(version?.schema.parse(fields)).toMatchObject(fields);
});
