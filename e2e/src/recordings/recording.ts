import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeYaml, encodeJson, isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import { Document, isCollection, visit } from 'yaml';
import type { KnownDifference } from './compare.ts';
import type { Answer } from './play.ts';

const folder = join(import.meta.dirname, '../../recordings');

/** What a real server answered to each scenario of a group, by the scenario's name. */
export type Recording = Readonly<Record<string, readonly Answer[]>>;

export async function readRecording(group: string): Promise<Recording> {
  const text = await readFile(join(folder, `${group}.yaml`), 'utf8');
  return decodeYaml(text, { maxBytes: 64 * 1024 * 1024 }).value as unknown as Recording;
}

export async function writeRecording(group: string, recording: Recording): Promise<void> {
  const document = new Document(recording as unknown, { version: '1.1' });
  visit(document, {
    Collection(key, node) {
      if (key === null || !isCollection(node)) return;
      const length = encodeJson(node.toJSON() as JsonValue).length;
      // What fits a line takes one; ownership is read as a whole, and takes one always.
      if (length <= 100 || isOwnership(node.toJSON() as JsonValue)) node.flow = true;
    },
  });
  const head = '# What kube-apiserver answered: made by `pnpm record`, not by hand.\n';
  await writeFile(
    join(folder, `${group}.yaml`),
    head + document.toString({ lineWidth: 0, minContentWidth: 0, directives: false }),
  );
}

const isOwnership = (value: JsonValue): boolean => isJsonObject(value) && value.fieldsType === 'FieldsV1';

/** The committed list, one entry a place. */
export async function readDifferences(): Promise<readonly KnownDifference[]> {
  const text = await readFile(join(folder, 'differences.yaml'), 'utf8');
  const groups = decodeYaml(text).value as unknown as readonly { reason: string; at: Record<string, number> }[];
  return groups.flatMap(({ at }) => Object.entries(at).map(([place, count]) => ({ at: place, count })));
}
