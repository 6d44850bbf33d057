import { describe, expect, test } from 'vitest';
import type { KindDefinition, KindVersion } from '../kinds/define-kind.ts';
import type { RefusedField, Verdict } from './verdict.ts';
import { verdicts } from './verdicts.ts';

const storedVersion = (kind: KindDefinition) =>
  kind.versions.find((version) => version.name === kind.version) as KindVersion;

/** As a server drops them before it validates. KA-99 */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, content) => (content === null ? undefined : content)));

const pathOf = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );

/** What zod finds wrong; undefined keys cannot occur. */
function schemaFields({ kind, object }: Verdict): string[] {
  const result = storedVersion(kind).schema.safeParse(withoutNulls(object));
  return result.success ? [] : result.error.issues.map(({ path }) => pathOf(path)).sort();
}

/** Judged by the server itself: uniqueness in lists, names of objects, the frame of embedded ones. Rules are run elsewhere. */
const isServers = ({ field, messageIncludes }: RefusedField) =>
  messageIncludes.startsWith('Duplicate') || field === 'metadata.name' || /manifests\[\d+\]\.kind$/.test(field);

const accepted = verdicts.filter((verdict) => 'accepted' in verdict);
const refused = verdicts.filter(
  (verdict): verdict is Verdict & { refused: readonly RefusedField[] } => 'refused' in verdict,
);

test('no two verdicts share a kind and name', () => {
  const names = verdicts.map(({ kind, object }) => `${kind.kind}/${object.metadata.name}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('accepted by the schema', () => {
  test.each(accepted)('$name', (verdict) => {
    expect(schemaFields(verdict)).toEqual([]);
  });

  test.each(accepted.filter(({ stored, subresource }) => stored !== undefined && subresource === undefined))(
    '$name, with its defaults',
    ({ kind, object, stored }) => {
      expect(storedVersion(kind).schema.parse(object)).toEqual(stored);
    },
  );
});

describe('refused by the schema, or left to rules', () => {
  test.each(refused)('$name', (verdict) => {
    const want = verdict.refused.filter((refusal) => !isServers(refusal)).map(({ field }) => field);
    const fields = schemaFields(verdict);
    expect(fields.length === 0 ? want : [...new Set(fields)]).toEqual([...want].sort());
  });
});
