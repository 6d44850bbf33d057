import { expect, test } from 'vitest';
import { namedFormats } from './named-formats.ts';

const good: Readonly<Record<string, readonly string[]>> = {
  dns1123Label: ['a', 'a-1', '1a'],
  dns1123Subdomain: ['a', 'a.b-c.1'],
  dns1035Label: ['a', 'a-1'],
  qualifiedName: ['a', 'A_b.c', 'example.com/A'],
  dns1123LabelPrefix: ['a', 'a-', 'a1-'],
  dns1123SubdomainPrefix: ['a', 'a.b-'],
  dns1035LabelPrefix: ['a', 'a-'],
  labelValue: ['', 'a_b', 'A.1'],
  uri: ['https://a', '/a', 'mailto:a@b'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'],
  byte: ['aGk=', 'aGVsbG8='],
  date: ['2024-02-29'],
  datetime: ['2024-02-29T01:02:03Z', '2024-02-29t01:02:03.5+01:00'],
};
const bad: Readonly<Record<string, readonly string[]>> = {
  dns1123Label: ['', 'A', 'a.b', '-a', 'a-'],
  dns1123Subdomain: ['', 'a..b', 'A'],
  dns1035Label: ['1a', ''],
  qualifiedName: ['', '/a', 'a/', 'a/b/c', '-a'],
  dns1123LabelPrefix: ['-', '-a', 'AB-'],
  dns1123SubdomainPrefix: ['.', 'AB-'],
  dns1035LabelPrefix: ['12-'],
  labelValue: ['_', 'a/b'],
  uri: ['', 'a', '../a'],
  uuid: ['', '123e4567'],
  byte: ['', 'aGk', '!'],
  date: ['2023-02-29', '2024-1-1', ''],
  datetime: ['2024-02-29', '2024-02-29T24:00:00Z', ''],
};

test('KA-102 the tables have each format', () => {
  expect([Object.keys(good), Object.keys(bad)]).toEqual([Object.keys(namedFormats), Object.keys(namedFormats)]);
});

test.each(Object.entries(namedFormats))('KA-102 the format %s tells good texts from bad ones', (name, format) => {
  expect(good[name]?.filter((text) => format.problems(text).length > 0)).toEqual([]);
  expect(bad[name]?.filter((text) => format.problems(text).length === 0)).toEqual([]);
});
