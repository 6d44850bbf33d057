import type { FieldError } from '@quarterdeck/apis';
import { dns1035LabelProblems, invalidValue, requiredValue } from '@quarterdeck/machinery';
import type { Names } from './crd-object.ts';

/** The names that must be there, then the form of all. KA-94 */
export function specNameErrors(names: Names, path: string): FieldError[] {
  const needed = (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((key) => names[key] === '')
    .map((key) => requiredValue(`${path}.${key}`));
  return [...needed, ...nameErrors(names, path)];
}

/** The form of those names that are there. */
export function nameErrors(names: Names, path: string): FieldError[] {
  const errors = [
    ...labelErrors(names.plural, `${path}.plural`),
    ...labelErrors(names.singular, `${path}.singular`),
    ...kindErrors(names.kind, `${path}.kind`),
    ...kindErrors(names.listKind, `${path}.listKind`),
    ...names.shortNames.flatMap((name, index) => labelErrors(name, `${path}.shortNames[${index}]`, true)),
  ];
  if (names.kind !== '' && names.kind === names.listKind) {
    errors.push(invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'));
  }
  const categories = names.categories.flatMap((name, index) => labelErrors(name, `${path}.categories[${index}]`, true));
  return [...errors, ...categories];
}

export function labelErrors(name: string, field: string, checkEmpty = false): FieldError[] {
  const problems = name === '' && !checkEmpty ? [] : dns1035LabelProblems(name);
  return problems.length === 0 ? [] : [invalidValue(field, name, problems.join(','))];
}

function kindErrors(name: string, field: string): FieldError[] {
  const problems = name === '' ? [] : dns1035LabelProblems(name.toLowerCase());
  const why = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
  return problems.length === 0 ? [] : [invalidValue(field, name, why)];
}
