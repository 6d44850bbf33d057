import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { objectsAt, stringAt } from '../../registry/fields.ts';
import { webhookConversion } from './webhook.ts';

const conversion = {
  webhook: { clientConfig: { url: 'https://x/' }, conversionReviewVersions: ['v9', 'v1beta1', 'v1'] },
};
const object = (name: string, text = ''): JsonObject => ({
  apiVersion: 'ex.test/v1',
  kind: 'Widget',
  metadata: { name, uid: name },
  text,
});

/** Converts by name, and keeps the size and version of each review. */
function converter() {
  const reviews: string[] = [];
  const convert = webhookConversion(conversion, {
    call: async ({ review }) => {
      const objects = objectsAt(review, 'request', 'objects');
      reviews.push(`${stringAt(review, 'apiVersion')} ${objects.length}`);
      const apiVersion = stringAt(review, 'request', 'desiredAPIVersion');
      const convertedObjects = objects.map((each) => ({ ...each, apiVersion }));
      return { response: { result: { status: 'Success' }, convertedObjects } };
    },
    [Symbol.dispose]: () => {},
  });
  return { reviews, convert };
}

test('KA-106b an answer of the older version need not name its type, but names no other', async () => {
  const answered = (type: JsonObject) =>
    webhookConversion(conversion, {
      call: async ({ review }) => ({
        ...type,
        response: {
          result: { status: 'Success' },
          convertedObjects: objectsAt(review, 'request', 'objects').map((each) => ({
            ...each,
            apiVersion: 'ex.test/v2',
          })),
        },
      }),
      [Symbol.dispose]: () => {},
    })([object('a')], 'ex.test/v2', new AbortController().signal).then(
      (all) => all.length,
      (error: Error) => error.message,
    );
  expect(await answered({})).toBe(1);
  expect(await answered({ kind: 'Other' })).toBe(
    'conversion webhook for ex.test/v1, Kind=Widget failed: expected webhook response of apiextensions.k8s.io/v1beta1, Kind=ConversionReview, got , Kind=Other',
  );
});

test.each([
  { name: 'nothing', objects: [], want: [] },
  { name: 'as many objects as fit', objects: Array.from({ length: 500 }, (_, i) => object(`o${i}`)), want: ['500'] },
  { name: 'one object more', objects: Array.from({ length: 501 }, (_, i) => object(`o${i}`)), want: ['500', '1'] },
  {
    name: 'large objects, each alone where two are too much',
    objects: [object('a', 'x'.repeat(3_000_000)), object('b', 'x'.repeat(3_000_000)), object('c')],
    want: ['1', '2'],
  },
])('KA-106b objects go in as few reviews as hold them: $name', async ({ objects, want }) => {
  const { reviews, convert } = converter();
  const converted = await convert(objects, 'ex.test/v2', new AbortController().signal);
  expect(converted.map((each) => [each.apiVersion, stringAt(each, 'metadata', 'name')])).toEqual(
    objects.map((each) => ['ex.test/v2', stringAt(each, 'metadata', 'name')]),
  );
  // The first version of the CRD's list that exists.
  expect(reviews).toEqual(want.map((count) => `apiextensions.k8s.io/v1beta1 ${count}`));
});
