import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../wire/value.ts';
import { lastAppliedAnnotation, syncLastApplied } from './last-applied.ts';

const object = (annotations?: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'x', ...(annotations === undefined ? {} : { annotations }) },
});

describe('the annotation of client-side apply', () => {
  test('KA-78 is rewritten with what was applied, as kubectl writes it', () => {
    const config: JsonObject = {
      metadata: { name: 'x', annotations: { b: '<1>', [lastAppliedAnnotation]: 'old' } },
      kind: 'X',
      apiVersion: 'v1',
    };
    const synced = syncLastApplied(object({ a: 'y', [lastAppliedAnnotation]: 'old' }), config);
    expect(synced).toEqual(
      object({
        a: 'y',
        [lastAppliedAnnotation]:
          '{"apiVersion":"v1","kind":"X","metadata":{"annotations":{"b":"\\u003c1\\u003e"},"name":"x"}}\n',
      }),
    );
  });

  test('KA-78 is not added where it is not', () => {
    for (const live of [object(), object({ a: 'y' }), object({ [lastAppliedAnnotation]: '' })]) {
      expect(syncLastApplied(live, object())).toBe(live);
    }
  });

  test('KA-78 goes when the annotations would become too large', () => {
    const live = object({ a: 'x'.repeat(200_000), [lastAppliedAnnotation]: 'old' });
    const config = object({ b: 'ä'.repeat(40_000) });
    expect(syncLastApplied(live, config)).toEqual(object({ a: 'x'.repeat(200_000) }));
  });
});
