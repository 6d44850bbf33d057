import { readdir, readFile } from 'node:fs/promises';
import { allKinds } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const folder = new URL('../../../docs/examples/', import.meta.url);
const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));

test('there are examples', () => {
  expect(names).toEqual(
    expect.arrayContaining(['binding.yaml', 'clusterset.yaml', 'placement.yaml', 'work.yaml', 'workset.yaml']),
  );
});

test.each(names)('the example %s is a valid object without unknown fields', async (name) => {
  const { apiVersion, kind, metadata, ...fields } = parse(await readFile(new URL(name, folder), 'utf8'));
  const definition = allKinds.find((candidate) => candidate.kind === kind);
  const version = definition?.versions.find((candidate) => `${definition.group}/${candidate.name}` === apiVersion);
  if (definition === undefined || version === undefined) throw new Error(`${apiVersion} ${kind} is not a kind of ours`);
  expect(metadata.namespace === undefined).toBe(definition.scope === 'Cluster');
  expect(version.schema.parse(fields)).toMatchObject(fields);
});

const guides = new URL('../../../docs/guides/', import.meta.url);
const blocks = (
  await Promise.all(
    (
      await readdir(guides)
    ).map(async (name) => {
      const text = await readFile(new URL(name, guides), 'utf8');
      return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, body = '']) => ({ name, body }));
    }),
  )
).flat();
const objects = blocks.flatMap(({ name, body }) =>
  parseAllDocuments(body)
    .map((document) => document.toJS())
    .filter((object) =>
      allKinds.some(({ kind, group }) => kind === object?.kind && object.apiVersion.startsWith(group)),
    )
    .map((object) => ({ name, label: `${object.kind} ${object.metadata.name}`, object })),
);

test.each(objects)('in the guide $name the $label is a valid object without unknown fields', ({ object }) => {
  const { apiVersion, kind, metadata: _, ...fields } = object;
  const definition = allKinds.find((candidate) => candidate.kind === kind);
  const version = definition?.versions.find(({ name }) => apiVersion === `${definition.group}/${name}`);
  if (version === undefined) throw new Error(`${apiVersion} ${kind} is not a kind of ours`);
  expect(version.schema.parse(fields)).toMatchObject(fields);
});
