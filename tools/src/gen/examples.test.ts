import { readdir, readFile } from 'node:fs/promises';
import { allKinds } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

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
