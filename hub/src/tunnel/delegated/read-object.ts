import { apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import { decodeJson, isJsonObject, type JsonObject } from '@quarterdeck/machinery';

/** What is asked on this port names a thing or two. */
const maxBytes = 65_536;

/** The object in a request's body. @throws ApiError for what is too long, or no JSON object */
export async function readObject(body: AsyncIterable<Uint8Array>): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw apiError(StatusReason.RequestEntityTooLarge, `the body is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const value = parsed(Buffer.concat(chunks).toString('utf8'));
  if (isJsonObject(value)) return value;
  throw badRequest('the body must be an object as JSON');
}

function parsed(text: string) {
  try {
    return decodeJson(text).value;
  } catch {
    return undefined;
  }
}
