import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseJson } from '../../wire/json.ts';
import type { CelLibrary, Overload } from '../library.ts';
import { standardLibrary } from '../standard/library.ts';
import { printType } from '../types.ts';
import { jsonPatchLibrary } from './json-patch.ts';
import { kubernetesLibraries } from './kubernetes.ts';

const file = readFileSync(new URL('../testdata/functions.json', import.meta.url));
/** What each overload of each function takes and gives in Kubernetes 1.35, by e2e/kube/cel-recorder. */
const recorded = parseJson(file) as Record<string, Record<string, string>>;

/** Operators that only the evaluator knows, and old names of operators that no expression can write. */
const unwritten = new Set(['_?._', '@not_strictly_false', '__not_strictly_false__', 'in', '_in_']);

function signature({ member, params, result }: Overload): string {
  const printed = params.map(printType);
  const target = member ? `${printed.shift()}.` : '';
  return `${target}(${printed.join(', ')}) -> ${printType(result)}`;
}

/** Type parameters by the order in which they appear: their names say nothing. */
function normal(text: string): string {
  const names: string[] = [];
  return text.replace(/\b[A-Z]\b/g, (name) => {
    if (!names.includes(name)) names.push(name);
    return `T${names.indexOf(name)}`;
  });
}

/** One id of Kubernetes is unlike its siblings. */
const usualId = (id: string) => (id === 'timestamp_to_seconds_tz' ? 'timestamp_to_seconds_with_tz' : id);

function signaturesOf(libraries: readonly CelLibrary[]): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const { name, overloads } of libraries.flatMap((library) => library.functions ?? [])) {
    const known = overloads.map((overload) => [overload.id, normal(signature(overload))]);
    found[name] = { ...found[name], ...Object.fromEntries(known) };
  }
  return found;
}

test('KA-102 each function has the overloads of Kubernetes, with their types', () => {
  const ours = signaturesOf([standardLibrary, ...kubernetesLibraries(), jsonPatchLibrary]);
  const theirs = Object.fromEntries(
    Object.entries(recorded)
      .filter(([name]) => !unwritten.has(name))
      .map(([name, overloads]) => [
        name,
        Object.fromEntries(Object.entries(overloads).map(([id, text]) => [usualId(id), normal(text)])),
      ]),
  );
  for (const name of unwritten) delete ours[name];
  expect(ours).toEqual(theirs);
});

test.each([
  { minor: 29, last: 'cel.lib.ext.sets' },
  { minor: 30, last: 'kubernetes.net.cidr' },
  { minor: 31, last: 'kubernetes.authzSelectors' },
  { minor: 32, last: 'cel.lib.ext.comprev2' },
  { minor: 33, last: 'kubernetes.Semver' },
  { minor: 34, last: 'cel.lib.ext.lists' },
  { minor: 35, last: 'cel.lib.ext.lists' },
])('KA-102 1.$minor ends with the library $last', ({ minor, last }) => {
  expect(kubernetesLibraries(minor).at(-1)?.name).toBe(last);
});
