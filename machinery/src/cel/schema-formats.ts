import { CelEvaluationError } from './errors.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import { CelDuration, CelTimestamp } from './values.ts';

const units: readonly (readonly [RegExp, bigint])[] = [
  [/^(?:ns|nano.*)$/, 1n],
  [/^(?:us|µs|micro.*)$/, 1_000n],
  [/^(?:ms|milli.*)$/, 1_000_000n],
  [/^(?:s|sec.*)$/, 1_000_000_000n],
  [/^(?:m|min.*)$/, 60_000_000_000n],
  [/^(?:h|hr|hour.*)$/, 3_600_000_000_000n],
  [/^(?:d|day.*)$/, 86_400_000_000_000n],
  [/^(?:w|wk|week.*)$/, 604_800_000_000_000n],
];

/** A text of the format `duration`: as Go writes it, or in words (`2 weeks`). Throws CelEvaluationError. */
export function durationFromText(text: string): CelDuration {
  const exact = parseDuration(text);
  if (exact !== undefined) return exact;
  let total: bigint | undefined;
  for (const [, count = '', unit = ''] of text.matchAll(/(?<!\d)(\d+)\s*([A-Za-zµ]+)/g)) {
    const size = units.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1];
    if (size !== undefined) total = (total ?? 0n) + BigInt(count) * size;
  }
  if (total !== undefined) return new CelDuration(BigInt.asIntN(64, total));
  throw new CelEvaluationError(`Invalid duration ${text}: unable to parse ${text} as duration`);
}

/** A text of the format `date`: midnight in UTC. Throws CelEvaluationError. */
export function dateFromText(text: string): CelTimestamp {
  return parseTimestamp(`${text}T00:00:00Z`) ?? invalid('date', text);
}

/** A text of the format `date-time`; one without a zone is in UTC. Throws CelEvaluationError. */
export function dateTimeFromText(text: string): CelTimestamp {
  if (text === '') return new CelTimestamp(0n);
  return parseTimestamp(text) ?? parseTimestamp(`${text}Z`) ?? invalid('date-time', text);
}

/** A text of the format `byte`: base64 with padding. Throws CelEvaluationError. */
export function bytesFromText(text: string): Uint8Array {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return new Uint8Array(Buffer.from(text, 'base64'));
  return invalid('byte', text);
}

function invalid(format: string, text: string): never {
  throw new CelEvaluationError(`Invalid ${format} formatted string ${text}`);
}
