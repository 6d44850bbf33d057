import { randomUUID } from 'node:crypto';
import { apiError, StatusReason } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { ConvertObjects } from '../../registry/definition.ts';
import { objectAt, stringsAt } from '../../registry/fields.ts';
import { WebhookCallError, type WebhookCaller } from '../../webhook/caller.ts';
import { BadConversionError, conversionReview, readConversion, reviewVersions, typeName } from './review.ts';

/** As in Kubernetes; a CRD cannot choose. */
const timeoutMs = 30_000;
/** What one review holds at most: a list of large objects goes in several. */
const batch = { objects: 500, bytes: 4 * 1024 * 1024 };

/**
 * Conversion by the webhook that a CRD names: as many objects in a review as fit, one review after the other. A failure is a
 * 500 that says whose fault it was. KA-106b
 * @param conversion `spec.conversion`, valid, with strategy Webhook
 */
export function webhookConversion(conversion: JsonObject, caller: WebhookCaller): ConvertObjects {
  const config = objectAt(conversion, 'webhook', 'clientConfig');
  const versions = stringsAt(conversion, 'webhook', 'conversionReviewVersions');
  const reviewVersion = versions.find((version) => reviewVersions.includes(version)) ?? 'v1';
  return async (objects, desiredApiVersion, signal) => {
    const converted: JsonObject[] = [];
    for (const part of batches(objects)) {
      const asked = { uid: randomUUID(), objects: part, desiredApiVersion, reviewVersion };
      try {
        const review = await caller.call({ config, review: conversionReview(asked), timeoutMs, signal });
        converted.push(...readConversion(review, asked));
      } catch (error) {
        throw explained(error, part);
      }
    }
    return converted;
  };
}

function explained(error: unknown, [first = {}]: readonly JsonObject[]): unknown {
  if (error instanceof BadConversionError) return apiError(StatusReason.InternalError, error.message);
  if (!(error instanceof WebhookCallError)) return error;
  const message = `conversion webhook for ${typeName(first)} failed: ${error.message}`;
  return apiError(StatusReason.InternalError, message);
}

function* batches(objects: readonly JsonObject[]): Generator<JsonObject[]> {
  let part: JsonObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    const size = encodeJson(object).length;
    if (part.length === batch.objects || (part.length > 0 && bytes + size > batch.bytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(object);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
