import { badRequest } from '@quarterdeck/apis';
import { encodeJson } from '@quarterdeck/machinery';

/**
 * Query parameters as Kubernetes reads them: by the option types' JSON names, unknown ones ignored, unparsable known
 * ones refused with 400. KA-8
 */

/**
 * A boolean; absent: false. The empty value, as in `?watch`, is true. Kubernetes takes any other text for true, `f` and `no`
 * among them, which nobody means.
 */
export function parseFlag(query: URLSearchParams, name: string): boolean {
  return parseOptionalFlag(query, name) ?? false;
}

export function parseOptionalFlag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  switch (text.toLowerCase()) {
    case '':
    case '1':
    case 'true':
      return true;
    case '0':
    case 'false':
      return false;
    default:
      throw badRequest(`invalid value ${encodeJson(text)} of the query parameter ${name}: must be a boolean`);
  }
}

/** An integer of at most 2^53; absent: undefined. The empty text is none. */
export function parseInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badRequest(`invalid value ${encodeJson(text)} of the query parameter ${name}: must be an integer`);
  }
  return value;
}

/** A resourceVersion: undefined when unset, else an integer of at least 0, at most 2^53-1. BI-11 */
export function parseResourceVersion(text: string | null | undefined, where = 'resourceVersion'): number | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!/^(0|[1-9]\d{0,18})$/.test(text)) {
    throw badRequest(`invalid ${where} ${encodeJson(text)}: must be a decimal integer without sign or leading zero`);
  }
  // Beyond what any store reaches: ahead, like any other that is. KA-40
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

// No digit can be part of two things: it reads what anybody sends.
const duration = /^(?:(?:\d+(?:\.\d+)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;
const durationPart = /([\d.]+)(ns|us|µs|ms|s|m|h)/g;
const durationUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** The request's own `timeout`, a Go duration such as `32s` or `1m30s`, in milliseconds; absent or empty: undefined. KA-8 */
export function parseTimeout(query: URLSearchParams): number | undefined {
  const text = query.get('timeout');
  if (text === null || text === '') return undefined;
  if (text === '0') return 0;
  if (!duration.test(text)) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${encodeJson(text)}`);
  }
  const parts = [...text.matchAll(durationPart)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (durationUnits[unit ?? ''] ?? 0), 0);
}
