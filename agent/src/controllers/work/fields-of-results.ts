import type { FeedbackReport, ManifestReport } from '@quarterdeck/apis';
import type { ObjectKey } from '@quarterdeck/machinery';
import { type FeedbackField, feedbackOf, unreadFields, withKindFields } from './feedback.ts';
import type { FieldReader } from './field-reader.ts';
import type { KindFeedback } from './kind-feedback.ts';
import type { LastValues } from './last-values.ts';
import type { ManifestResult } from './manifest-result.ts';
import { type FieldsOfResult, identityOfIdentifier, indexReports } from './status.ts';

export interface FieldSources {
  readonly readField: FieldReader;
  readonly kindFeedback: KindFeedback;
  readonly lastValues: LastValues;
}

/**
 * Reads every field that was asked for of the objects of a Work, by manifest, Work or kind. While it is not known what is asked
 * of kinds, what the hub was told of them stands. DL-23
 * @param before what the hub was last told
 */
export function fieldsOfResults(
  { readField, kindFeedback, lastValues }: FieldSources,
  key: ObjectKey,
  { results, before }: { results: readonly ManifestResult[]; before: readonly ManifestReport[] },
): FieldsOfResult {
  const reports = indexReports(before);
  const wanted = results.flatMap((result) => {
    const { gvk, policy, identifier } = result;
    if (gvk === undefined || policy === undefined) return [];
    const ofKind = kindFeedback(gvk);
    const asked = withKindFields(policy.feedback, ofKind ?? []);
    const identity = identityOfIdentifier(identifier);
    const old = reports.get(identity)?.fields ?? [];
    const held = ofKind === undefined ? old.filter((field) => isOfRule(field, asked)) : [];
    if (asked.length + held.length === 0) return [];
    const { read, uid } = readOne(result, asked, readField);
    const object = { identity, uid, asked, read, before: uid === gone ? [] : old };
    return [{ ordinal: identifier.ordinal, held, object }];
  });
  const filled = lastValues.fill(
    key,
    wanted.map(({ object }) => object),
  );
  const fields = new Map(wanted.map(({ ordinal, held }, index) => [ordinal, [...(filled[index] ?? []), ...held]]));
  return ({ identifier: { ordinal } }) => fields.get(ordinal) ?? [];
}

const isOfRule = ({ rule, name }: FeedbackReport, asked: readonly FeedbackField[]): boolean =>
  rule !== undefined && asked.every((each) => each.name !== name);

/** @see ReadFields.uid */
const gone = '';

/** An object that is not there has no fields, and none of before; one that was not seen keeps them. */
function readOne(
  { live, uid, problem, isCompleted }: ManifestResult,
  asked: readonly FeedbackField[],
  readField: FieldReader,
) {
  if (live !== undefined) return { read: feedbackOf(asked, live, readField), uid };
  if (isCompleted === true)
    return { read: unreadFields(asked, 'the job completed and was cleaned up'), uid: undefined };
  if (problem !== undefined) return { read: unreadFields(asked, `not read: ${problem.message}`), uid: undefined };
  return { read: unreadFields(asked, 'the object is not there'), uid: gone };
}
