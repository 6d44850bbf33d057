import { SelectorError } from './selector-error.ts';

/** One condition on a selectable field. All must hold. KA-81 */
export interface FieldRequirement {
  /** Dotted path, for example `metadata.name`. */
  readonly field: string;
  readonly operator: '=' | '!=';
  /** Unescaped. */
  readonly value: string;
}

/**
 * Parses `field=value`, `field==value`, `field!=value`, joined by commas; in values `\\`, `\,` and `\=` stand for the
 * character. Empty text (and empty terms) select everything. Which fields a kind has is the caller's to check, with
 * {@link unsupportedField}. KA-81
 * @throws SelectorError with the position
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const { term, position } of splitTerms(text)) {
    if (term !== '') requirements.push(parseTerm(term, position));
  }
  return requirements;
}

function splitTerms(text: string): { term: string; position: number }[] {
  const terms: { term: string; position: number }[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === ',') {
      terms.push({ term: text.slice(start, index), position: start });
      start = index + 1;
    }
  }
  terms.push({ term: text.slice(start), position: start });
  return terms;
}

function parseTerm(term: string, position: number): FieldRequirement {
  for (let index = 0; index < term.length; index++) {
    if (term[index] === '\\') {
      index++;
      continue;
    }
    const found = ['!=', '==', '='].find((operator) => term.startsWith(operator, index));
    if (found === undefined) continue;
    const valueStart = index + found.length;
    return {
      field: term.slice(0, index),
      operator: found === '!=' ? '!=' : '=',
      value: unescapeValue(term.slice(valueStart), position + valueStart),
    };
  }
  throw new SelectorError(`invalid field selector: "${term}" has none of =, ==, !=`, position);
}

function unescapeValue(text: string, position: number): string {
  let value = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '\\') {
      const escaped = text[++index];
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
        throw new SelectorError(
          'invalid field selector: "\\" must stand before "\\", "," or "="',
          position + index - 1,
        );
      }
      value += escaped;
    } else if (character === '=') {
      throw new SelectorError('invalid field selector: "=" in a value must be written "\\="', position + index);
    } else value += character;
  }
  return value;
}

/** Escapes a value for use in a field selector. KA-81 */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, (character) => `\\${character}`);
}

/** The text form; parses back to the same. */
export function fieldSelectorToString(requirements: readonly FieldRequirement[]): string {
  return requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(',');
}

/**
 * Whether an object's selectable fields meet all requirements.
 * @param fieldOf the object's value of a field as a string; undefined counts as the empty string, as in Kubernetes
 */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fieldOf: (field: string) => string | undefined,
): boolean {
  return requirements.every(({ field, operator, value }) => ((fieldOf(field) ?? '') === value) === (operator === '='));
}

/** The first field that is not among the supported ones: 400 with its name. KA-81, BI-10 */
export function unsupportedField(
  requirements: readonly FieldRequirement[],
  supported: ReadonlySet<string>,
): string | undefined {
  return requirements.find(({ field }) => !supported.has(field))?.field;
}

/** The value that `field` must equal, when the selector pins it; for `metadata.name=X`. KA-6 */
export function exactFieldValue(requirements: readonly FieldRequirement[], field: string): string | undefined {
  return requirements.find((candidate) => candidate.field === field && candidate.operator === '=')?.value;
}
