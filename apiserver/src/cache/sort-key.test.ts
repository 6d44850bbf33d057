import fc from 'fast-check';
import { expect, test } from 'vitest';
import { justAfter, namespaceRange, sortKey } from './sort-key.ts';

const text = fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.replaceAll('\0', ''));
const plain = text.map((value) => value.replaceAll('/', ''));

const sign = (number: number): number => Math.sign(number);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

test('KA-80 sort keys order as the UTF-8 bytes of namespace/name do', () => {
  fc.assert(
    fc.property(plain, text, plain, text, (namespaceA, nameA, namespaceB, nameB) => {
      const bytes = Buffer.compare(Buffer.from(`${namespaceA}/${nameA}`), Buffer.from(`${namespaceB}/${nameB}`));
      expect(sign(compare(sortKey(namespaceA, nameA), sortKey(namespaceB, nameB)))).toBe(sign(bytes));
    }),
  );
});

test.each([
  { name: 'KA-80 a-b comes before a', lower: sortKey('a-b', 'x'), higher: sortKey('a', 'x') },
  { name: 'KA-80 U+FFFF comes before what lies beyond it', lower: sortKey('', '\uffff'), higher: sortKey('', '😀') },
  { name: 'KA-80 a name comes before what continues it', lower: sortKey('n', 'a'), higher: sortKey('n', 'a.') },
])('$name', ({ lower, higher }) => expect(lower < higher).toBe(true));

test('KA-80 the range of a namespace holds its keys and no others', () => {
  fc.assert(
    fc.property(plain, plain, text, (namespace, other, name) => {
      const { from, to } = namespaceRange(namespace);
      const key = sortKey(other, name);
      expect(key >= from && key < to).toBe(other === namespace);
    }),
  );
});

test('KA-82 nothing lies between a key and the one just after it', () => {
  fc.assert(
    fc.property(plain, text, plain, text, (namespaceA, nameA, namespaceB, nameB) => {
      const a = sortKey(namespaceA, nameA);
      const b = sortKey(namespaceB, nameB);
      expect(b >= justAfter(a)).toBe(b > a);
    }),
  );
});
