import { expect, test } from 'vitest';
import { resolveFieldPath } from './field-reference.ts';
import type { StructuralSchema } from './structural.ts';

const leaf: StructuralSchema = { type: 'string' };
const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: leaf,
        'x.y': leaf,
        labels: { type: 'object', additionalProperties: leaf },
        any: { type: 'object', additionalProperties: true },
      },
    },
  },
};

test.each([
  { path: '.spec.a', text: 'spec.a', type: 'string' },
  { path: '.spec', text: 'spec', type: 'object' },
  { path: ".spec['x.y']", text: 'spec.x.y', type: 'string' },
  { path: ".spec.labels['app']", text: 'spec.labels[app]', type: 'string' },
  { path: '.spec.labels.app', text: 'spec.labels[app]', type: 'string' },
  { path: ".spec.labels['it\\'s']", text: "spec.labels[it's]", type: 'string' },
  { path: '.spec.any.thing', text: 'spec.any[thing]', type: undefined },
])('KA-101 $path is $text', ({ path, text, type }) => {
  const found = resolveFieldPath(path, schema);
  expect('problem' in found ? found : [found.text, found.schema?.type]).toEqual([text, type]);
});

test.each([
  { path: '.spec.b', problem: 'does not refer to a valid field' },
  { path: '.spec.a.b', problem: 'does not refer to a valid field' },
  { path: '.constructor', problem: 'does not refer to a valid field' },
  { path: 'spec', problem: 'expected [ or . but got: spec' },
  { path: '.', problem: 'unexpected end of JSON path' },
  { path: '.spec[0]', problem: 'expected single quoted string but got 0' },
  { path: ".spec['a'", problem: 'unexpected end of JSON path' },
  { path: ".spec['a'.", problem: 'expected ] but got .' },
  { path: ".spec['\\q']", problem: 'invalid string literal' },
])('KA-101 $path: $problem', ({ path, problem }) => expect(resolveFieldPath(path, schema)).toEqual({ problem }));

test('KA-107 selectable fields have no brackets', () => {
  expect(resolveFieldPath(".spec['a']", schema, { brackets: false })).toEqual({
    problem: 'array notation is not allowed',
  });
});
