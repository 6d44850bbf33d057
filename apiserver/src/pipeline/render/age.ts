const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** How long ago, as kubectl prints it: fewer digits the older; `<unknown>` when there is no time. KA-107, KA-118 */
export function ageOf(time: string, now: number): string {
  if (time === '') return '<unknown>';
  const then = rfc3339.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? '<invalid>' : durationText(now - then);
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** A duration in milliseconds: `119s`, `2m5s`, `3h`, `7d23h`, `2y`. */
export function durationText(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return twoUnits(seconds, minute, 'm', 1, 's');
  if (seconds < 3 * hour) return oneUnit(seconds, minute, 'm');
  if (seconds < 8 * hour) return twoUnits(seconds, hour, 'h', minute, 'm');
  if (seconds < 2 * day) return oneUnit(seconds, hour, 'h');
  if (seconds < 8 * day) return twoUnits(seconds, day, 'd', hour, 'h');
  if (seconds < 2 * year) return oneUnit(seconds, day, 'd');
  if (seconds < 8 * year) return twoUnits(seconds, year, 'y', day, 'd');
  return oneUnit(seconds, year, 'y');
}

const oneUnit = (seconds: number, size: number, name: string) => `${Math.floor(seconds / size)}${name}`;

function twoUnits(seconds: number, size: number, name: string, smallSize: number, smallName: string): string {
  const small = Math.floor((seconds % size) / smallSize);
  return `${oneUnit(seconds, size, name)}${small === 0 ? '' : `${small}${smallName}`}`;
}
