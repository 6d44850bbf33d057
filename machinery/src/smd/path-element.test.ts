import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../wire/value.ts';
import {
  elementText,
  fieldElement,
  indexElement,
  keyElement,
  pathText,
  readPathElement,
  sortElements,
  valueElement,
} from './path-element.ts';

describe('path elements', () => {
  const forms: { name: string; element: string; wire: string; text: string }[] = [
    { name: 'KA-73 a field', element: fieldElement('replicas'), wire: 'f:replicas', text: '.replicas' },
    { name: 'KA-73 a field with a dotted name', element: fieldElement('a.b/c'), wire: 'f:a.b/c', text: '.a.b/c' },
    {
      name: 'KA-73 list keys, sorted by name',
      element: keyElement({ protocol: 'TCP', containerPort: 80 }),
      wire: 'k:{"containerPort":80,"protocol":"TCP"}',
      text: '[containerPort=80,protocol="TCP"]',
    },
    { name: 'KA-73 a text of a set', element: valueElement('a"b'), wire: 'v:"a\\"b"', text: '[="a\\"b"]' },
    { name: 'KA-73 a number of a set', element: valueElement(1.5), wire: 'v:1.5', text: '[=1.5]' },
    {
      name: 'KA-73 a long number of a set',
      element: valueElement(2n ** 60n),
      wire: `v:${2n ** 60n}`,
      text: `[=${2n ** 60n}]`,
    },
    { name: 'KA-73 null as key', element: keyElement({ a: null }), wire: 'k:{"a":null}', text: '[a=null]' },
    { name: 'KA-73 a position', element: indexElement(3), wire: 'i:3', text: '[3]' },
    {
      name: 'KA-73 text that Kubernetes escapes',
      element: valueElement('<&>\u2028\b'),
      wire: 'v:"\\u003c\\u0026\\u003e\\u2028\\u0008"',
      text: '[="<&>\\u2028\\x08"]',
    },
  ];

  test.each(forms)('$name', ({ element, wire, text }) => {
    expect(element).toBe(wire);
    expect(readPathElement(wire)).toBe(element);
    expect(elementText(element)).toBe(text);
  });

  test('KA-76b a path reads like code', () => {
    const path = [fieldElement('spec'), fieldElement('ports'), keyElement({ name: 'x' }), fieldElement('port')];
    expect(pathText(path)).toBe('.spec.ports[name="x"].port');
  });

  test('KA-73 equal steps have one spelling', () => {
    expect(readPathElement('k:{ "b": 2, "a": "\\u0041" }')).toBe('k:{"a":"A","b":2}');
    expect(readPathElement('v:1.0')).toBe('v:1');
    expect(readPathElement('i:+07')).toBe('i:7');
  });

  test('KA-73 unknown kinds of steps are told from broken ones', () => {
    expect(readPathElement('x:new')).toBeUndefined();
    for (const broken of ['', 'f', 'spec', 'k:[1]', 'k:{', 'v:', 'v:{x', 'i:one']) {
      expect(readPathElement(broken), broken).toBeInstanceOf(Error);
    }
  });

  test('KA-73 steps are sorted by kind, then as UTF-8 sorts', () => {
    const sorted = [
      'f:',
      'f:A',
      'f:a',
      'f:\uFFFD',
      'f:😀',
      'k:{"a":1}',
      'k:{"a":1,"b":1}',
      'k:{"a":"1"}',
      'k:{"a":true}',
      'k:{"b":1}',
      'v:-1',
      'v:9',
      'v:10',
      'v:"10"',
      'v:"9"',
      'v:false',
      'v:true',
      'v:[1]',
      'v:[1,2]',
      'v:{"a":1}',
      'v:null',
      'i:2',
      'i:10',
    ];
    expect(sortElements([...sorted].reverse())).toEqual(sorted);
  });

  test('BI-5 a key named __proto__ is a key', () => {
    const keys = JSON.parse('{"__proto__":"x"}') as JsonObject;
    expect(keyElement(keys)).toBe('k:{"__proto__":"x"}');
    expect(readPathElement('k:{"__proto__":"x"}')).toBe('k:{"__proto__":"x"}');
  });
});
