import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { autoUpdateAnnotation, decide } from './decide.ts';

const spec = { matchingPrecedence: 9900 };
const older = { matchingPrecedence: 9000 };
const stored = (own: JsonObject, generation: number, annotation?: string): JsonObject => ({
  metadata: {
    name: 'global-default',
    generation,
    ...(annotation === undefined ? {} : { annotations: { [autoUpdateAnnotation]: annotation, mine: 'x' } }),
  },
  spec: own,
});
const annotations = (value: string) => ({ [autoUpdateAnnotation]: value });

test.each<{ name: string; given: JsonObject; want: JsonObject | undefined }>([
  { name: 'as it shall be', given: stored(spec, 1, 'true'), want: undefined },
  { name: 'of an earlier release', given: stored(older, 1, 'true'), want: stored(spec, 1, 'true') },
  {
    name: 'changed, though it says that it is updated',
    given: stored(older, 5, 'True'),
    want: stored(spec, 5, 'True'),
  },
  { name: 'taken over', given: stored(older, 2, 'false'), want: undefined },
  {
    name: 'never changed, without a word',
    given: stored(older, 1),
    want: { metadata: { name: 'global-default', generation: 1, annotations: annotations('true') }, spec },
  },
  {
    name: 'changed, without a word',
    given: stored(older, 2),
    want: { metadata: { name: 'global-default', generation: 2, annotations: annotations('false') }, spec: older },
  },
  { name: 'with a word that means nothing', given: stored(older, 3, 'maybe'), want: stored(older, 3, 'false') },
])('KA-2 a suggested object that is $name', ({ given, want }) => {
  expect(decide(given, spec)).toEqual(want);
});
