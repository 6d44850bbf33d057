import { expect, test } from 'vitest';
import { parseCsv } from './csv.ts';

test.each([
  { name: 'nothing', text: '', records: [] },
  { name: 'empty lines', text: '\n\na\n\n', records: [[3, 'a']] },
  {
    name: 'no line break at the end',
    text: 'a,b\nc',
    records: [
      [1, 'a', 'b'],
      [2, 'c'],
    ],
  },
  {
    name: 'empty fields',
    text: ',\na,,',
    records: [
      [1, '', ''],
      [2, 'a', '', ''],
    ],
  },
  { name: 'quotes', text: '"a,b","c ""d""",""', records: [[1, 'a,b', 'c "d"', '']] },
  {
    name: 'lines in quotes',
    text: '"a\nb",c\nd',
    records: [
      [1, 'a\nb', 'c'],
      [3, 'd'],
    ],
  },
  {
    name: 'line breaks of Windows, and a byte order mark',
    text: '\ufeffa,b\r\nc\r\n',
    records: [
      [1, 'a', 'b'],
      [2, 'c'],
    ],
  },
  { name: 'white space, which belongs to its field', text: ' a ,\tb', records: [[1, ' a ', '\tb']] },
])('KA-120b comma-separated values: $name', ({ text, records }) => {
  expect(parseCsv(text).map(({ line, fields }) => [line, ...fields])).toEqual(records);
});

test.each([
  { name: 'a quote within a field', text: 'a\nb"c,d' },
  { name: 'a quote that does not end', text: 'a\n"b,c' },
  { name: 'something behind a quoted field', text: 'a\n"b"c,d' },
])('KA-120b $name is an error that names its line', ({ text }) => {
  expect(() => parseCsv(text)).toThrow(/^line 2: a quote /);
});
