import type { FeedbackReport } from '@quarterdeck/apis';
import { encodeJson, type JsonObject } from '@quarterdeck/machinery';
import type { FeedbackField } from './policy.ts';

const maxValue = 1024;

/**
 * The fields that were asked for, each with its value or with the reason why there is none; one that fails does not hinder
 * the others. Data of Secrets is not told. Pure and total. DL-23, DL-31
 */
export function feedbackOf(fields: readonly FeedbackField[], live: JsonObject | undefined): FeedbackReport[] {
  return fields.map(({ name, read }) => {
    if (live === undefined) return { name, error: 'the object is not there' };
    const { data: _data, stringData: _stringData, ...open } = live;
    const found = read(live.kind === 'Secret' ? open : live);
    const [value] = found;
    if (value === undefined) return { name, error: 'the path finds nothing' };
    if (found.length > 1) return { name, error: `the path finds ${found.length} values` };
    const text = encodeJson(value);
    return text.length > maxValue
      ? { name, error: `the value is longer than ${maxValue} characters` }
      : { name, value: text };
  });
}
