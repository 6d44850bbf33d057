import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FieldRequirement, fieldSelectorToString, matchesFields, parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector-text.ts';
import { matchesLabels, type Requirement, requirement, selectorToString } from './requirement.ts';
import { SelectorError } from './selector-error.ts';

const word = fc.stringMatching(/^[a-c]([-a-c_.]{0,3}[a-c0-9])?$/);
const value = fc.oneof(word, fc.constant(''), fc.nat(20).map(String));
const requirements: fc.Arbitrary<Requirement[]> = fc.array(
  fc.oneof(
    fc
      .tuple(word, fc.constantFrom('=', '!=') as fc.Arbitrary<'=' | '!='>, value)
      .map(([k, o, v]) => requirement(k, o, [v])),
    fc
      .tuple(word, fc.constantFrom('in', 'notin') as fc.Arbitrary<'in' | 'notin'>, fc.array(value, { minLength: 1 }))
      .map(([k, o, v]) => requirement(k, o, v)),
    fc.tuple(word, fc.constantFrom('exists', '!') as fc.Arbitrary<'exists' | '!'>).map(([k, o]) => requirement(k, o)),
    fc
      .tuple(word, fc.constantFrom('>', '<') as fc.Arbitrary<'>' | '<'>, fc.nat(20))
      .map(([k, o, v]) => requirement(k, o, [String(v)])),
  ),
  { maxLength: 4 },
);
const labels = fc.dictionary(word, value, { maxKeys: 4 });

const sorted = (list: readonly Requirement[]) =>
  [...list].sort((a, b) => (selectorToString([a]) < selectorToString([b]) ? -1 : 1));

test('KA-81 the text form parses back to the same selector', () => {
  fc.assert(
    fc.property(requirements, (list) => {
      expect(sorted(parseLabelSelector(selectorToString(list)))).toEqual(sorted(list));
    }),
  );
});

test('KA-81 != and notin are the negations of = and in; all requirements must hold', () => {
  const opposite = { '=': '!=', in: 'notin', exists: '!' } as const;
  fc.assert(
    fc.property(requirements, labels, (list, of) => {
      expect(matchesLabels(list, of)).toBe(list.every((one) => matchesLabels([one], of)));
      for (const one of list) {
        if (one.operator !== '=' && one.operator !== 'in' && one.operator !== 'exists') continue;
        const negated = { ...one, operator: opposite[one.operator] };
        expect(matchesLabels([negated], of)).toBe(!matchesLabels([one], of));
      }
    }),
  );
});

test('BI-9 any text is parsed or refused, never more', () => {
  const junk = fc.string({
    unit: fc.constantFrom('a', '=', '!', ',', '(', ')', '>', '<', ' ', 'in', 'notin', '\\', '1', '"', '\u0000'),
  });
  fc.assert(
    fc.property(junk, (text) => {
      for (const parse of [parseLabelSelector, parseFieldSelector]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
          const { position } = error as SelectorError;
          expect(position >= 0 && position <= text.length).toBe(true);
        }
      }
    }),
  );
});

test('KA-81 field selectors round-trip, whatever the values hold', () => {
  const field = fc.stringMatching(/^[a-z]+(\.[a-z]+){0,2}$/);
  const terms: fc.Arbitrary<FieldRequirement[]> = fc.array(
    fc.record({ field, operator: fc.constantFrom('=', '!=') as fc.Arbitrary<'=' | '!='>, value: fc.string() }),
  );
  fc.assert(
    fc.property(terms, (list) => {
      expect(parseFieldSelector(fieldSelectorToString(list))).toEqual(list);
    }),
  );
});

test('KA-81 a field requirement holds exactly when its opposite does not', () => {
  fc.assert(
    fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (wanted, actual) => {
      const holds = (operator: '=' | '!=') => matchesFields([{ field: 'f', operator, value: wanted }], () => actual);
      expect(holds('=')).toBe(!holds('!='));
    }),
  );
});
