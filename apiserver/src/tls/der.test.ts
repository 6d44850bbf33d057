import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameDer, oid, oidDer, tlv } from '../testing/certificate-requests.ts';
import { children, DerError, readDer, readOid, readText } from './der.ts';
import { readSubject } from './subject.ts';

test.each([
  { name: 'BI-27 nothing', bytes: [] },
  { name: 'BI-27 no length', bytes: [0x30] },
  { name: 'BI-27 content shorter than its length', bytes: [0x30, 0x02, 0x05] },
  { name: 'BI-27 indefinite length', bytes: [0x30, 0x80, 0x05, 0x00, 0x00, 0x00] },
  { name: 'BI-27 length that is not minimal', bytes: [0x04, 0x81, 0x01, 0x00] },
  { name: 'BI-27 length with a leading zero', bytes: [0x04, 0x82, 0x00, 0x80, ...Array<number>(128).fill(0)] },
  { name: 'BI-27 length of 4 GB', bytes: [0x04, 0x84, 0xff, 0xff, 0xff, 0xff] },
  { name: 'BI-27 length of more octets than anybody has', bytes: [0x04, 0x85, 1, 0, 0, 0, 0] },
  { name: 'BI-27 high tag number', bytes: [0x3f, 0x01, 0x00] },
  { name: 'BI-27 bytes after the element', bytes: [0x05, 0x00, 0x00] },
])('$name is refused', ({ bytes }) => {
  expect(() => readDer(Uint8Array.from(bytes))).toThrow(DerError);
});

test('BI-27 no input makes the reader throw anything but DerError, or read outside it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const node = readDer(bytes);
        expect(node.bytes).toEqual(bytes);
        expect(Buffer.concat(children(node).map((child) => child.bytes))).toEqual(Buffer.from(node.content));
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }),
  );
});

test.each(['1.2.840.10045.4.3.2', '2.5.4.3', '2.5.29.37.0', '1.3.101.112', '2.999.3', '0.9.2342.19200300.100.1.25'])(
  'BI-27 object identifier %s round-trips',
  (text) => expect(readOid(readDer(oidDer(text)))).toBe(text),
);

test.each([
  { name: 'SEC-1 a NUL, which ends a text for some readers', tag: 0x0c, text: Buffer.from('a\0b') },
  {
    name: 'SEC-1 a line feed, which splits names rendered as lines',
    tag: 0x0c,
    text: Buffer.from('a\nO=system:masters'),
  },
  { name: 'SEC-1 broken UTF-8', tag: 0x0c, text: Buffer.from([0xc3, 0x28]) },
  { name: 'SEC-1 non-ASCII in a printable string', tag: 0x13, text: Buffer.from('é') },
  { name: 'SEC-1 text of two octets a character', tag: 0x1e, text: Buffer.from([0, 0x61]) },
])('$name is refused in a name', ({ tag, text }) => {
  expect(() => readText(readDer(tlv(tag, [text])))).toThrow(DerError);
});

test('SEC-2 a name is read value by value: what looks like two parts is one', () => {
  const subject = readSubject(
    readDer(
      nameDer([
        [oid.organization, 'a, O=system:masters'],
        [oid.organization, 'b'],
        [oid.organizationalUnit, 'system:masters'],
        [oid.commonName, 'x/O=system:masters'],
      ]),
    ),
  );
  expect(subject).toEqual({
    commonName: 'x/O=system:masters',
    organizations: ['a, O=system:masters', 'b'],
    attributes: [
      { oid: oid.organization, value: 'a, O=system:masters' },
      { oid: oid.organization, value: 'b' },
      { oid: oid.organizationalUnit, value: 'system:masters' },
      { oid: oid.commonName, value: 'x/O=system:masters' },
    ],
  });
});
