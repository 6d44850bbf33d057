import type { FeedbackReport } from '@quarterdeck/apis';
import { encodeJson, type JsonObject, type JsonPath, type JsonValue } from '@quarterdeck/machinery';
import type { FieldReader } from './field-reader.ts';
import type { FeedbackField } from './policy.ts';

const maxValue = 1024;

/**
 * The fields that were asked for, each with its value or with the reason why there is none; one that fails does not hinder
 * the others. Data of Secrets is not told. Pure and total. DL-23, DL-31
 */
export function feedbackOf(
  fields: readonly FeedbackField[],
  live: JsonObject | undefined,
  readField: FieldReader,
): FeedbackReport[] {
  return fields.map(({ name, read }) => {
    if (live === undefined) return { name, error: 'the object is not there' };
    const { data: _data, stringData: _stringData, ...open } = live;
    const object = live.kind === 'Secret' ? open : live;
    const found = typeof read === 'string' ? readField(read, object) : atPath(read, object);
    if ('error' in found) return { name, error: found.error };
    const text = encodeJson(found.value);
    return text.length > maxValue
      ? { name, error: `the value is longer than ${maxValue} characters` }
      : { name, value: text };
  });
}

function atPath(read: JsonPath, object: JsonObject): { readonly value: JsonValue } | { readonly error: string } {
  const found = read(object);
  const [value] = found;
  if (value === undefined) return { error: 'the path finds nothing' };
  return found.length > 1 ? { error: `the path finds ${found.length} values` } : { value };
}
