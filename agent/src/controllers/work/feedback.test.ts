import { type JsonObject, parseJsonPath } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { type FeedbackField, feedbackOf, unreadFields, withKindFields } from './feedback.ts';
import { createFieldReader } from './field-reader.ts';
import { readPolicy } from './policy.ts';

const path = (name: string, source: string): FeedbackField => ({ name, source, read: parseJsonPath(source) });
const cel = (name: string, source: string): FeedbackField => ({ name, source, read: source });
const read = (fields: readonly FeedbackField[], live: JsonObject) => feedbackOf(fields, live, createFieldReader());

describe('feedbackOf', () => {
  const live = { kind: 'Service', status: { ip: '192.0.2.1', ports: [80, 81], count: 2n ** 60n } };

  test('DL-23 values as JSON; what finds nothing or too much is named, the others stand', () => {
    const fields = [
      path('ip', '.status.ip'),
      path('ports', '.status.ports'),
      path('count', '.status.count'),
      path('none', '.status.none'),
      path('many', '.status.ports[*]'),
    ];
    expect(read(fields, live)).toEqual([
      { name: 'ip', value: '"192.0.2.1"' },
      { name: 'ports', value: '[80,81]' },
      { name: 'count', value: '1152921504606846976' },
      { name: 'none', error: 'the path finds nothing' },
      { name: 'many', error: 'the path finds 2 values' },
    ]);
  });

  test('DL-31 data of a Secret is not told, neither to a path nor to an expression', () => {
    const fields = [path('all', '.data.password'), cel('cel', 'has(object.data)')];
    expect(read(fields, { kind: 'Secret', data: { password: 'eA==' } })).toEqual([
      { name: 'all', error: 'the path finds nothing' },
      { name: 'cel', value: 'false' },
    ]);
  });

  test('DL-23 fields by CEL: any value as JSON; one that cannot be read, or fails, is named, the others stand', () => {
    const object = { kind: 'Thing', status: { ready: 2, want: 3, names: ['a', 'b'] } };
    const digits = '[1,2,3,4,5,6,7,8,9]';
    const fields = [
      cel('missing', 'object.status.want - object.status.ready'),
      cel('whole', 'object.status.ready == object.status.want'),
      cel('names', 'object.status.names.map(n, n + "!")'),
      cel('none', 'object.status.none'),
      cel('odd', 'object.status.'),
      cel(
        'endless',
        `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, ${digits}.all(e, a+b+c+d+e > 0)))))`,
      ),
    ];
    const told = read(fields, object);
    expect(told.slice(0, 3)).toEqual([
      { name: 'missing', value: '1' },
      { name: 'whole', value: 'false' },
      { name: 'names', value: '["a!","b!"]' },
    ]);
    expect(told.slice(3).map(({ name, error }) => `${name}: ${error?.split(':')[0]}`)).toEqual([
      'none: the expression failed',
      'odd: the expression cannot be read',
      'endless: the expression failed',
    ]);
    expect(told.every(({ error = '' }) => error.length <= 256)).toBe(true);
  });

  test('DL-23 a value that is too long, a path of a rule that cannot be read, and an object that is not there', () => {
    expect(read([path('a', '.x')], { x: 'y'.repeat(2000) })).toEqual([
      { name: 'a', error: 'the value is longer than 1024 characters' },
    ]);
    const odd = { ...path('odd', '.status['), rule: 'things' };
    expect(read([odd], {})).toEqual([
      { name: 'odd', rule: 'things', error: expect.stringMatching(/^the path cannot be read: /) },
    ]);
    expect(unreadFields([path('a', '.x'), odd], 'why')).toEqual([
      { name: 'a', error: 'why' },
      { name: 'odd', rule: 'things', error: 'why' },
    ]);
  });
});

test('DL-23 what a manifest asks for goes before what its kind does under the same name', () => {
  const own = [path('phase', '.status.own')];
  const ofKind = [
    { ...path('phase', '.status.phase'), rule: 'things' },
    { ...path('node', '.status.node'), rule: 'things' },
  ];
  expect(withKindFields(own, ofKind)).toEqual([own[0], ofKind[1]]);
});

test('DL-23, DL-10 a manifest asks for at most 32 fields', () => {
  const asking = (count: number) =>
    readPolicy({
      'quarterdeck.dev/feedback-fields': Array.from({ length: count }, (_, index) => `f${index}=.x`).join(';'),
    });
  expect(asking(32)).toMatchObject({ feedback: { length: 32 } });
  expect(asking(33)).toEqual({
    problem: 'annotation quarterdeck.dev/feedback-fields: asks for 33 fields; at most 32 are possible',
  });
});
