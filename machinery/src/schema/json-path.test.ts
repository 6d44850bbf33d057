import { expect, test } from 'vitest';
import type { JsonValue } from '../wire/value.ts';
import { parseJsonPath } from './json-path.ts';

const object: JsonValue = {
  spec: { a: 'x', n: 2, 'dotted.key': 1, 'a-b': true, list: [1, 2, 3, 4], nested: { a: 'y' } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', seen: 3 },
      { type: 'Joined', status: 'False', reason: 'x]y', seen: 5 },
    ],
  },
};

test.each<{ path: string; want: JsonValue[] }>([
  { path: '.spec.a', want: ['x'] },
  { path: '.spec', want: [(object as { spec: JsonValue }).spec] },
  { path: '.', want: [object] },
  { path: '.spec.missing.deeper', want: [] },
  { path: '.spec.constructor', want: [] },
  { path: '.spec.a.b', want: [] },
  { path: '.spec.a-b', want: [true] },
  { path: '.spec.dotted\\.key', want: [1] },
  { path: "['spec']['dotted.key']", want: [1] },
  { path: ".spec['a','n']", want: ['x', 2] },
  { path: '.spec["a"]', want: ['x'] },
  { path: '.spec.list[0]', want: [1] },
  { path: '.spec.list[-1]', want: [4] },
  { path: '.spec.list[9]', want: [] },
  { path: '.spec.list[-9]', want: [] },
  { path: '.spec.list[0,2]', want: [1, 3] },
  { path: '.spec.list[1:3]', want: [2, 3] },
  { path: '.spec.list[:2]', want: [1, 2] },
  { path: '.spec.list[-2:]', want: [3, 4] },
  { path: '.spec.list[0:4:2]', want: [1, 3] },
  { path: '.spec.list[*]', want: [1, 2, 3, 4] },
  { path: '.spec.list[*] ', want: [1, 2, 3, 4] },
  { path: '.spec[*]', want: [] },
  { path: '.spec.nested.*', want: ['y'] },
  { path: '..a', want: ['x', 'y'] },
  { path: '.status.conditions[?(@.type=="Ready")].status', want: ['True'] },
  { path: ".status.conditions[?(@.type=='Joined')].reason", want: ['x]y'] },
  { path: '.status.conditions[?(@.type == "None")].status', want: [] },
  { path: '.status.conditions[?(@.type!="Ready")].type', want: ['Joined'] },
  { path: '.status.conditions[?(@.seen>3)].type', want: ['Joined'] },
  { path: '.status.conditions[?(@.seen<=3)].type', want: ['Ready'] },
  { path: '.status.conditions[?(@.seen<"3")].type', want: [] },
  { path: '.status.conditions[?(@.reason)].type', want: ['Joined'] },
  { path: '.status.conditions[?(@.reason=="x]y")].type', want: ['Joined'] },
  { path: '.status.conditions[*].type', want: ['Ready', 'Joined'] },
])('KA-107 $path', ({ path, want }) => {
  const parsed = parseJsonPath(path);
  expect(typeof parsed === 'function' ? parsed(object) : parsed).toEqual(want);
});

test.each([
  { path: 'spec', problem: 'unexpected "spec"' },
  { path: '.spec[', problem: 'unterminated array' },
  { path: '.spec[?(@.x', problem: 'unterminated array' },
  { path: '.spec[a]', problem: 'invalid array index a' },
  { path: '.spec[]', problem: 'invalid array index ' },
  { path: '.list[0:4:0]', problem: 'the step of a slice must be positive' },
  { path: '.list[?(@.a==b)]', problem: 'unrecognized value b in a filter' },
  { path: '.list[?(@.a=="b" && @.c=="d")]', problem: 'unrecognized value "b" && @.c=="d" in a filter' },
  { path: '.a b', problem: 'unexpected " b"' },
])('KA-107 $path cannot be read', ({ path, problem }) => expect(parseJsonPath(path)).toEqual({ problem }));
