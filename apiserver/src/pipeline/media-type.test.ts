import { expect, test } from 'vitest';
import { parseMediaType } from './media-type.ts';

test.each([
  ['application/json', 'application/json', {}],
  ['Application/JSON; Charset=UTF-8', 'application/json', { charset: 'UTF-8' }],
  ['application/json;g="a b";v=v2', 'application/json', { g: 'a b', v: 'v2' }],
  ['application/json;', 'application/json', {}],
])('KA-27 %s', (text, name, parameters) => {
  const media = parseMediaType(text);
  expect({ name: media?.name, parameters: Object.fromEntries(media?.parameters ?? []) }).toEqual({ name, parameters });
});

test.each(['', 'json', 'application/json junk', 'application/json; junk', 'application/json;a=b c', 'a/b/c'])(
  'BI-15 "%s" is no media type',
  (text) => expect(parseMediaType(text)).toBeUndefined(),
);
