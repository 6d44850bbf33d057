import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyring, isSealed } from './keyring.ts';

const keyring = createKeyring({
  keys: [{ name: 'a.key', secret: Buffer.alloc(32, 1) }, { secret: Buffer.alloc(32, 2) }],
  source: 'keys',
});
const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const binding = fc.string({ unit: 'grapheme', maxLength: 40 });

test('KA-147b any text comes back as it was, from where it was', () => {
  fc.assert(
    fc.property(binding, text, (where, plain) => {
      const sealed = keyring.seal(where, plain);
      expect(isSealed(sealed) && keyring.isCurrent(sealed)).toBe(true);
      expect(sealed).toMatch(/^[\w.@:-]+$/);
      expect(keyring.open(where, sealed, 'x')).toBe(plain);
    }),
  );
});

test('KA-147b a text that was moved to another place does not open', () => {
  fc.assert(
    fc.property(binding, binding, text, (from, to, plain) => {
      fc.pre(from !== to);
      const sealed = keyring.seal(from, plain);
      expect(() => keyring.open(to, sealed, 'x')).toThrow('x does not open with key a.key@');
    }),
  );
});

test('KA-147b a text with any of its characters changed, left out or added does not open', () => {
  const character = fc.constantFrom(...'ABab01-_:.@=+/ \n', 's', 'v', '2');
  const change = fc.constantFrom('replace', 'remove', 'insert');
  fc.assert(
    fc.property(text, fc.nat(), character, change, (plain, at, other, how) => {
      const sealed = keyring.seal('here', plain);
      const index = at % sealed.length;
      const [before, after] = [sealed.slice(0, index), sealed.slice(index + (how === 'insert' ? 0 : 1))];
      const changed = `${before}${how === 'remove' ? '' : other}${after}`;
      fc.pre(changed !== sealed);
      expect(() => keyring.open('here', changed, 'x')).toThrow(/^x (is|does not)/);
    }),
    atLeast(2_000),
  );
});

test('KA-147b parts of one sealed text do not pass in another', () => {
  fc.assert(
    fc.property(text, text, fc.constantFrom(1, 2, 3), (one, two, part) => {
      const first = keyring.seal('here', one).split(':');
      const second = keyring.seal('here', two).split(':');
      fc.pre(first[part] !== second[part]);
      const mixed = first.with(part, second[part] ?? '').join(':');
      expect(() => keyring.open('here', mixed, 'x')).toThrow('x does not open');
    }),
  );
});
