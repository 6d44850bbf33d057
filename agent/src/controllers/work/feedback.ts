import type { FeedbackReport } from '@quarterdeck/apis';
import { beginningOf, encodeJson, type JsonObject, type JsonPath, type JsonValue } from '@quarterdeck/machinery';
import type { FieldReader } from './field-reader.ts';

/** A field of the live object that the report shows. DL-23 */
export interface FeedbackField {
  readonly name: string;
  /** As it was written: a value that was read is that of this path or expression, and of no other. */
  readonly source: string;
  /** A path, or what is wrong with it, or the text of an expression in CEL. */
  readonly read: JsonPath | string | { readonly problem: string };
  /** The HealthRule that asks for it; absent: the manifest or its Work does. */
  readonly rule?: string;
}

const maxValue = 1024;
const maxError = 256;

/** Fields of a manifest, and those of its kind that it does not ask for itself. DL-23 */
export function withKindFields(own: readonly FeedbackField[], ofKind: readonly FeedbackField[]): FeedbackField[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...ofKind.filter(({ name }) => !names.has(name))];
}

/**
 * The fields that were asked for, each with its value or with the reason why there is none; one that fails does not hinder
 * the others. Data of Secrets is not told. Pure and total. DL-23, DL-31
 */
export function feedbackOf(
  fields: readonly FeedbackField[],
  live: JsonObject,
  readField: FieldReader,
): FeedbackReport[] {
  const { data: _data, stringData: _stringData, ...open } = live;
  const object = live.kind === 'Secret' ? open : live;
  return fields.map((field) => {
    const found = readFrom(field.read, object, readField);
    if ('error' in found) return { ...nameOf(field), error: beginningOf(found.error, maxError) };
    const text = encodeJson(found.value);
    return text.length > maxValue
      ? { ...nameOf(field), error: `the value is longer than ${maxValue} characters` }
      : { ...nameOf(field), value: text };
  });
}

/** The same when there is no object to read them of. */
export const unreadFields = (fields: readonly FeedbackField[], error: string): FeedbackReport[] =>
  fields.map((field) => ({ ...nameOf(field), error }));

const nameOf = ({ name, rule }: FeedbackField) => (rule === undefined ? { name } : { name, rule });

type Found = { readonly value: JsonValue } | { readonly error: string };

function readFrom(read: FeedbackField['read'], object: JsonObject, readField: FieldReader): Found {
  if (typeof read === 'string') return readField(read, object);
  if (typeof read !== 'function') return { error: `the path cannot be read: ${read.problem}` };
  const found = read(object);
  const [value] = found;
  if (value === undefined) return { error: 'the path finds nothing' };
  return found.length > 1 ? { error: `the path finds ${found.length} values` } : { value };
}
