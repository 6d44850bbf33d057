/** The five fields of a schedule: their bounds, and the names that stand for numbers. */
const fields = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of month', least: 1, most: 31, words: [] },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', least: 0, most: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;

const macros = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * What is wrong with a schedule as cron writes it; undefined when nothing is. Time zones have a field of their own.
 */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule.includes('TZ')) {
    return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
  }
  if (macros.includes(schedule)) return undefined;
  if (schedule.startsWith('@every ')) {
    return /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(schedule.slice(7))
      ? undefined
      : `failed to parse duration ${schedule}`;
  }
  if (schedule.startsWith('@')) return `unrecognized descriptor: ${schedule}`;
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  }
  return fields.map((field, index) => fieldProblem(field, parts[index] ?? '')).find((problem) => problem !== undefined);
}

type Field = (typeof fields)[number];

function fieldProblem(field: Field, text: string): string | undefined {
  return text
    .split(',')
    .map((range) => rangeProblem(field, range))
    .find((problem) => problem !== undefined);
}

function rangeProblem(field: Field, range: string): string | undefined {
  const [span = '', step, ...more] = range.split('/');
  if (more.length > 0) return `too many slashes: ${range}`;
  if (step !== undefined && !/^[1-9]\d*$/.test(step)) return `step of range should be a positive number: ${range}`;
  if (span === '*' || span === '?') return undefined;
  const [from = '', to, ...rest] = span.split('-');
  if (rest.length > 0) return `too many hyphens: ${range}`;
  const first = numberOf(field, from);
  const last = to === undefined ? first : numberOf(field, to);
  if (first === undefined || last === undefined)
    return `failed to parse int from ${first === undefined ? from : (to ?? '')}`;
  if (first < field.least) return `beginning of range (${first}) below minimum (${field.least}): ${range}`;
  if (last > field.most) return `end of range (${last}) above maximum (${field.most}): ${range}`;
  return first > last ? `beginning of range (${first}) beyond end of range (${last}): ${range}` : undefined;
}

function numberOf(field: Field, text: string): number | undefined {
  const words: readonly string[] = field.words;
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return word + field.least;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
