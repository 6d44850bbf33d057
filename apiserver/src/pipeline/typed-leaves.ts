import { type JsonValue, QuantityError, storedQuantity } from '@quarterdeck/machinery';

const time = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * A time as Kubernetes writes it again: in UTC, `time` with whole seconds, `microTime` with six digits. KA-51
 * @returns undefined when it cannot be read: no RFC 3339, or a microTime that has not six digits
 */
export function timeAsStored(text: string, form: 'time' | 'microTime'): string | undefined {
  const [, local = '', digits, zone = ''] = time.exec(text) ?? [];
  if (local === '' || (form === 'microTime' && digits?.length !== 6)) return undefined;
  // A day that a month has not is taken for one of the next.
  if (secondsOf(`${local}Z`) !== `${local}Z`) return undefined;
  const utc = zone === 'Z' ? `${local}Z` : secondsOf(`${local}${zone}`);
  if (utc === undefined || utc.length !== 20) return undefined;
  return form === 'time' ? utc : `${utc.slice(0, 19)}.${digits}Z`;
}

function secondsOf(text: string): string | undefined {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : `${new Date(milliseconds).toISOString().slice(0, -5)}Z`;
}

/** Base64 without its line breaks, as of a block scalar. What is no base64 is left to the schema. */
export function bytesAsStored(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text;
}

/**
 * A quantity as Kubernetes writes it again; a number becomes a text. KA-51
 * @param inList an entry of a resource list, which is no finer than a thousandth
 * @returns undefined when it is none; what is neither text nor number is left to the schema
 */
export function quantityAsStored(value: JsonValue, inList: boolean): JsonValue | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return value;
  try {
    return storedQuantity(String(value), inList);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}
