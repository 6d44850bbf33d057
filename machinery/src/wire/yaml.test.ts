import { describe, expect, test } from 'vitest';
import { decodeJson } from './json.ts';
import { decodeKubeProtobuf } from './protobuf/envelope.ts';
import { type JsonValue, WireError } from './value.ts';
import { decodeYaml, decodeYamlDocuments, encodeYaml } from './yaml.ts';

/** The message of the WireError that decoding throws. */
function refusal(input: string | Uint8Array, limits?: { maxDepth?: number; maxBytes?: number }): string {
  try {
    decodeYaml(input, limits);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Verdicts of Kubernetes' own decoder (sigs.k8s.io/yaml v1.6.0), unless a comment says otherwise. */
describe('KA-27 unquoted scalars mean what they mean in Kubernetes', () => {
  test.each<[string, JsonValue]>([
    ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text): [string, boolean] => [
      text,
      true,
    ]),
    ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text): [string, boolean] => [
      text,
      false,
    ]),
    ...['', '~', 'null', 'Null', 'NULL'].map((text): [string, null] => [text, null]),
    ['yEs', 'yEs'],
    ['tRue', 'tRue'],
    ['0', 0],
    ['+1', 1],
    ['-0', 0],
    ['017', 15],
    ['0o17', 15],
    ['0777', 511],
    ['08', 8],
    ['0x1F', 31],
    ['-0x1f', -31],
    ['0b101', 5],
    ['0b12', '0b12'],
    ['0xG', '0xG'],
    ['1_000', 1000],
    ['_1', '_1'],
    ['1.', 1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['.5_0', 0.5],
    ['-.5', -0.5],
    ['1e3', 1000],
    ['1e18', 10n ** 18n],
    ['9007199254740993.0', 9007199254740992n],
    ['1e19', 1e19],
    ['1e', '1e'],
    ['1.2.3', '1.2.3'],
    ['1,000', '1,000'],
    ['12:30:45', '12:30:45'],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
    ['=', '='],
    ['a b', 'a b'],
    ['a #c', 'a'],
    ['"yes"', 'yes'],
    ["'1'", '1'],
    ['!!str 1', '1'],
    ['! 1', '1'],
    ['!!int 3', 3],
    ['!!int "3"', 3],
    ['!!float 3', 3],
    ['!!bool "true"', true],
    ['!!null ""', null],
    ['!!timestamp 2001-01-01', '2001-01-01'],
    ['|\n  1\n  2\n', '1\n2\n'],
    ['|\n  1', '1'],
    ['>-\n  yes\n  no\n', 'yes no'],
    ['"\\u00e9\\U0001F600"', 'é😀'],
  ])('KA-27 %j', (text, value) => {
    expect(decodeYaml(`a: ${text}`)).toEqual({ value: { a: value }, problems: [] });
  });

  test.each<[string, JsonValue]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    // Kubernetes makes a float of it, with other digits.
    ['123456789012345678901234567890', 123456789012345678901234567890n],
  ])('BI-7, KA-52 the integer %s is exact', (text, value) => {
    expect(decodeYaml(`a: ${text}`).value).toEqual({ a: value });
  });

  // Kubernetes reads the first two as texts.
  test.each(['1e400', '-1e400', '.inf', '-.Inf', '.nan', `0x${'f'.repeat(400)}`])('BI-7 refuses %s', (text) => {
    expect(refusal(`a: ${text}`)).toBe('invalid YAML at line 1, column 4: number out of range');
  });

  test.each([
    ['1', '1'],
    ['0x10', '16'],
    ['true', 'true'],
    ['y', 'true'],
    ['1.5', '1.5'],
    ['9007199254740993', '9007199254740993'],
    ['2001-01-01', '2001-01-01'],
    ['"1"', '1'],
  ])('KA-27 the key %s becomes %j', (text, key) => {
    expect(decodeYaml(`${text}: v`).value).toEqual({ [key]: 'v' });
  });

  test.each(['~: v', '? [a]\n: v', '? {a: b}\n: v', '? \n: v', '- {? : v}'])('KA-27 refuses the key of %j', (text) => {
    expect(refusal(text)).toMatch(/^invalid YAML at line \d+, column \d+: a key must be a string$/);
  });

  test.each(['!foo 1', '!!binary aGk=', '!!set {a}', '!!omap [a: 1]', '!!seq {a: 1}'])(
    'KA-27 refuses the tag of %s',
    (text) => {
      expect(refusal(`a: ${text}`)).toMatch(/^invalid YAML at line 1, column \d+: unsupported tag /);
    },
  );

  test.each(['!!int x', '!!bool 1', '!!float x', '!!null x'])('KA-27 refuses the mismatch of %s', (text) => {
    expect(refusal(`a: ${text}`)).toMatch(/: the value does not fit its tag tag:yaml\.org,2002:\w+$/);
  });
});

describe('decodeYaml', () => {
  test('KA-27 reads a manifest', () => {
    const text = [
      '# a comment',
      'apiVersion: v1',
      'kind: ConfigMap',
      'metadata: {name: a, labels: {b: "1"}}',
      'data:',
      '  script: |',
      '    #!/bin/sh',
      '    echo "hi"',
      '  list:',
      '  - x',
      '  - - z',
      '',
    ].join('\n');
    expect(decodeYaml(Buffer.from(text))).toEqual({
      value: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', labels: { b: '1' } },
        data: { script: '#!/bin/sh\necho "hi"\n', list: ['x', ['z']] },
      },
      problems: [],
    });
  });

  test('KA-27 reads JSON bodies that are called YAML, with the problems of JSON', () => {
    expect(decodeYaml(' {"a":"yes","a":1}')).toEqual({
      value: { a: 1 },
      problems: [{ kind: 'duplicateField', path: 'a', at: { key: 'a', line: 1 } }],
    });
    // Too dense for the YAML reader: what JSON knows of the problem has to do.
    expect(decodeYaml(`{"a":1,"a":[${'1,'.repeat(40)}1]}`, { maxBytes: 100 }).problems).toEqual([
      { kind: 'duplicateField', path: 'a' },
    ]);
    expect(decodeYaml('{a: yes}').value).toEqual({ a: true });
  });

  test.each(['', '\n', '# only a comment', '---\n'])('KA-27 %j is null', (text) => {
    expect(decodeYaml(text)).toEqual({ value: null, problems: [] });
  });

  test('KA-27 refuses a second document, which would be lost', () => {
    expect(refusal('a: 1\n---\nb: 2\n')).toBe('expected one YAML document, found several');
  });

  test('KA-61, BI-4 the last of duplicate keys wins, and each is reported with its path', () => {
    expect(decodeYaml('a: 1\nb: [{c: 1, c: 2}]\n"a": 3\n1: x\n"1": z\n')).toEqual({
      value: { a: 3, b: [{ c: 2 }], '1': 'z' },
      problems: [
        { kind: 'duplicateField', path: 'b[0].c', at: { key: 'c', line: 2 } },
        { kind: 'duplicateField', path: 'a', at: { key: 'a', line: 3 } },
        { kind: 'duplicateField', path: '1', at: { key: '1', line: 5 } },
      ],
    });
  });

  test('BI-5 names of Object.prototype are keys like any other', () => {
    const { value, problems } = decodeYaml('__proto__: {polluted: true}\nconstructor: 1\n');
    expect(problems).toEqual([]);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test.each<{ text: string; value: JsonValue }>([
    { text: 'b: &b {k: 1, z: 3}\nc: {<<: *b, k: 2}', value: { b: { k: 1, z: 3 }, c: { k: 2, z: 3 } } },
    {
      text: 'b: &b {k: 1}\nc: &c {k: 2, l: 3}\nd: {<<: [*b, *c]}',
      value: { b: { k: 1 }, c: { k: 2, l: 3 }, d: { k: 1, l: 3 } },
    },
    { text: 'd: {<<: {a: 1}}', value: { d: { a: 1 } } },
    { text: 'd: {"<<": {a: 1}}', value: { d: { '<<': { a: 1 } } } },
    // Kubernetes lets a merge that comes later win over the map's own key.
    { text: 'b: &b {k: 1}\nc:\n  k: 2\n  <<: *b', value: { b: { k: 1 }, c: { k: 2 } } },
  ])('KA-27 merges $text', ({ text, value }) => {
    expect(decodeYaml(text)).toEqual({ value, problems: [] });
  });

  test.each(['d: {<<: 3}', 'd: {<<: [3]}', 'd: {<<: [[{a: 1}]]}', 'b: &b 3\nd: {<<: *b}'])(
    'KA-27 refuses to merge %j',
    (text) => {
      expect(refusal(text)).toMatch(/: a merge takes a map or a list of maps$/);
    },
  );

  test('KA-27 aliases are copies, of the anchor that came last', () => {
    const { value } = decodeYaml('- &a {x: 1}\n- *a\n- &a b\n- *a\n') as { value: JsonValue[] };
    expect(value).toEqual([{ x: 1 }, { x: 1 }, 'b', 'b']);
    expect(value[0]).not.toBe(value[1]);
  });

  test.each([
    { text: 'a: [1, 2', error: /^invalid YAML at line 1, column 9: Flow sequence/ },
    { text: 'a: {b: 1}}', error: /^invalid YAML at line 1, column 10: / },
    { text: 'a:\n  b: 1\n c: 2', error: /^invalid YAML at line 3, column \d+: / },
    { text: "a: 'x", error: /^invalid YAML at line 1, column \d+: Missing closing/ },
    { text: 'a: b: c', error: /^invalid YAML at line 1, column \d+: Nested mappings/ },
    { text: 'a:\n\t- b', error: /^invalid YAML at line 2, column 1: Tabs/ },
    { text: 'a: *nope', error: /^invalid YAML at line 1, column 4: unknown anchor "nope"$/ },
    { text: 'a: "\\q"', error: /^invalid YAML at line 1, column \d+: Invalid escape/ },
    { text: 'a: \u0001', error: /^invalid YAML at line 1, column 4: control characters are not allowed$/ },
    { text: 'ok: 1\n} }', error: /^invalid YAML at line 2, column 1: / },
  ])('BI-1 refuses $text with the position', ({ text, error }) => {
    expect(refusal(text)).toMatch(error);
  });

  test.each([
    {
      name: 'escaped NUL',
      input: 'a: "\\0"',
      error: 'invalid YAML at line 1, column 4: NUL is not allowed in a string',
    },
    { name: 'raw NUL', input: 'a: \0', error: 'invalid YAML at line 1, column 4: control characters are not allowed' },
    {
      name: 'an escaped lone surrogate',
      input: 'a: "\\ud800"',
      error: 'invalid YAML at line 1, column 4: lone surrogate in a string',
    },
    {
      name: 'NUL in a JSON body',
      input: '{"a":"\\u0000"}',
      error: 'invalid YAML at line 1, column 6: NUL is not allowed in a string',
    },
    { name: 'invalid UTF-8', input: Buffer.from('613a20ff', 'hex'), error: 'invalid UTF-8 at byte 3' },
  ])('BI-6 refuses $name', ({ input, error }) => {
    expect(refusal(input)).toBe(error);
  });
});

describe('KA-140c, BI-3 work is bounded by the limits', () => {
  const bomb = (levels: number) =>
    Array.from(
      { length: levels },
      (_, level) => `a${level}: &a${level} [${Array(9).fill(level === 0 ? 'x' : `*a${level - 1}`)}]`,
    ).join('\n');

  test('KA-140c a small amount of aliasing passes', () => {
    expect(decodeYaml(bomb(3)).problems).toEqual([]);
  });

  test('KA-140c, BI-3 an alias bomb is refused before it expands', () => {
    expect(refusal(bomb(40))).toMatch(/: aliases expand to too much$/);
  });

  test('KA-140c long texts count by their length', () => {
    const text = `a: &a ${'x'.repeat(100_000)}\nb: [${Array(100).fill('*a')}]`;
    expect(refusal(text)).toMatch(/: aliases expand to too much$/);
  });

  test('KA-140c merges count too', () => {
    const base = `b: &b {${Array.from({ length: 1000 }, (_, index) => `k${index}: 1`).join(', ')}}`;
    expect(refusal(`${base}\nc:\n${'- {<<: *b}\n'.repeat(1000)}`)).toMatch(/: aliases expand to too much$/);
  });

  test.each(['a: &a [*a]', 'a: &a {b: {c: *a}}', 'a: &a {<<: *a}'])('KA-140c refuses the circle %s', (text) => {
    expect(refusal(text)).toMatch(/: anchor "a" contains itself$/);
  });

  test.each(['['.repeat(100_000), '{a: '.repeat(100_000), '- '.repeat(100_000), `${'? '.repeat(100_000)}a`])(
    'KA-140c, BI-3 deep nesting is refused before it is composed',
    (text) => {
      expect(refusal(text)).toMatch(/: nested deeper than 512 levels$/);
    },
  );

  test('KA-140c the depth through aliases counts', () => {
    expect(refusal('a: &a [[x]]\nb: [[*a]]', { maxDepth: 4 })).toMatch(/: nested deeper than 4 levels$/);
    expect(decodeYaml('a: &a [[x]]\nb: [[*a]]', { maxDepth: 5 }).value).toEqual({ a: [['x']], b: [[[['x']]]] });
  });

  test('BI-3 more tokens than the size limit stands for are refused', () => {
    expect(() => decodeYaml('- a\n'.repeat(700_000))).toThrow(
      expect.objectContaining({ kind: 'tooLarge', message: 'the YAML text has too many tokens' }),
    );
  });

  test('BI-2 the size is bounded', () => {
    expect(() => decodeYaml('a'.repeat(4_000_000))).toThrow(expect.objectContaining({ kind: 'tooLarge' }));
  });
});

test('KA-27 decodeYamlDocuments gives all documents that say something', () => {
  expect(decodeYamlDocuments('---\n# nothing\n---\na: 1\n---\n- b\n...\n---\nc: 1\nc: 2\n')).toEqual([
    { value: { a: 1 }, problems: [] },
    { value: ['b'], problems: [] },
    { value: { c: 2 }, problems: [{ kind: 'duplicateField', path: 'c', at: { key: 'c', line: 10 } }] },
  ]);
});

test('KA-27 encodeYaml quotes what readers could mistake', () => {
  expect(
    encodeYaml({
      a: 'yes',
      '<<': '1e3',
      n: 2n ** 64n,
      l: ['08', '~', '', '0x1f', '2001-01-01'],
      m: 'x\ny\n',
      e: {},
      f: [],
    }),
  ).toBe(
    [
      'a: "yes"',
      '"<<": "1e3"',
      '"n": 18446744073709551616',
      'l:',
      '  - "08"',
      '  - "~"',
      '  - ""',
      '  - "0x1f"',
      '  - "2001-01-01"',
      'm: |',
      '  x',
      '  y',
      'e: {}',
      'f: []',
      '',
    ].join('\n'),
  );
});

test('KA-35 CBOR is nothing that any decoder takes for its own', () => {
  const cbor = Buffer.from('d9d9f7a1616101', 'hex');
  for (const decode of [
    decodeJson,
    decodeYaml,
    (bytes: Uint8Array) => decodeKubeProtobuf(bytes, { kinds: {}, messages: {} }),
  ]) {
    expect(() => decode(cbor)).toThrow(WireError);
  }
});
