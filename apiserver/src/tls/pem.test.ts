import { expect, test } from 'vitest';
import { decodePem, encodePem } from './pem.ts';

const label = 'CERTIFICATE REQUEST';
const block = encodePem(label, Buffer.from('some bytes'));

test.each([
  { name: 'one block', text: block, want: ['some bytes'] },
  { name: 'two, with white space about them', text: `\n ${block}\r\n${block} `, want: ['some bytes', 'some bytes'] },
  {
    name: 'white space within',
    text: `-----BEGIN ${label}-----\r\n  YWJ\n j  \n\n-----END ${label}-----`,
    want: ['abc'],
  },
  { name: 'another label', text: encodePem('CERTIFICATE', Buffer.from('x')), want: [] },
  { name: 'an end of another label', text: `-----BEGIN ${label}-----\nYWI=\n-----END CERTIFICATE-----`, want: [] },
  { name: 'prose beside it', text: `hello ${block}`, want: [] },
  { name: 'no line break after its head', text: block.replace('-----\n', '-----'), want: [] },
  { name: 'nothing', text: '', want: [] },
])('BI-27 PEM: $name', ({ text, want }) => {
  expect(decodePem(text, label).map(String)).toEqual(want);
});

/** Anybody who may ask for a certificate sends such a text; all that the server does waits meanwhile. */
test.each([
  { name: 'white space without end', text: `-----BEGIN ${label}-----${' '.repeat(32_000)}` },
  { name: 'a block without end', text: `-----BEGIN ${label}-----\n${'A'.repeat(32_000)}` },
  { name: 'many beginnings', text: `-----BEGIN ${label}-----\n`.repeat(1_000) },
  { name: 'a label without end', text: `-----BEGIN ${' '.repeat(32_000)}` },
])('BI-27 reading PEM takes no longer than its length: $name', ({ text }) => {
  expect(decodePem(text, label)).toEqual([]);
});
