import type { FeedbackReport, ManifestReport } from '@quarterdeck/apis';
import { type JsonObject, parseJsonPath } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import type { FeedbackField } from './feedback.ts';
import { createFieldReader } from './field-reader.ts';
import { withFieldsCondition } from './fields-condition.ts';
import { fieldsOfResults } from './fields-of-results.ts';
import { createLastValues } from './last-values.ts';
import type { ManifestResult } from './manifest-result.ts';
import { type ManifestPolicy, readPolicy } from './policy.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const identifier = { ordinal: 0, group: 'example.test', version: 'v1', kind: 'Thing', namespace: 'shop', name: 'a' };
const gvk = { group: 'example.test', version: 'v1', kind: 'Thing' };
const asking = (text?: string): ManifestPolicy => {
  const policy = readPolicy(text === undefined ? {} : { 'quarterdeck.dev/feedback-fields': text });
  if ('problem' in policy) throw new Error(policy.problem);
  return policy;
};
const policy = asking('phase=.status.phase');
const seen = (status: JsonObject, over: Partial<ManifestResult> = {}): ManifestResult => ({
  identifier,
  gvk,
  policy,
  problem: undefined,
  live: { status },
  uid: 'u1',
  appliedHash: 'h',
  ...over,
});
const failed = seen(
  {},
  {
    live: undefined,
    uid: undefined,
    problem: { reason: 'AppliedManifestFailed', message: 'no' },
  },
);
const missing = seen({}, { live: undefined, uid: undefined });
const running = { name: 'phase', value: '"Running"' };
const nothing = 'the path finds nothing';

/** One agent: passes after each other, each with what the hub was told by the one before. */
function agent(before: readonly FeedbackReport[] = [], kinds: () => readonly FeedbackField[] | undefined = () => []) {
  const lastValues = createLastValues();
  const readField = createFieldReader();
  let told: ManifestReport[] = [{ identifier, health: 'Unknown', fields: [...before] }];
  return (result: ManifestResult): readonly FeedbackReport[] => {
    const sources = { readField, lastValues, kindFeedback: kinds };
    const fields = fieldsOfResults(sources, 'member-m1/w', { results: [result], before: told })(result);
    told = [{ identifier, health: 'Unknown', fields: [...fields] }];
    return fields;
  };
}

test('DL-23 a field that cannot be read for once keeps its last value beside the error', () => {
  const pass = agent();
  expect([pass(seen({ phase: 'Running' })), pass(seen({})), pass(failed), pass(seen({ phase: 'Lost' }))]).toEqual([
    [running],
    [{ ...running, error: nothing }],
    [{ ...running, error: 'not read: no' }],
    [{ name: 'phase', value: '"Lost"' }],
  ]);
});

test('DL-23 a restarted agent takes the last value from the report; nothing is taken for an object that is not there', () => {
  expect(agent([running])(seen({}))).toEqual([{ ...running, error: nothing }]);
  expect(agent([running])(missing)).toEqual([{ name: 'phase', error: 'the object is not there' }]);
});

test('DL-23 a last value is that of the same question and the same object', () => {
  const asked = agent();
  asked(seen({ phase: 'Running' }));
  const other = seen({}, { policy: asking('phase=.status.other') });
  expect([asked(other), asked(other)]).toEqual([
    [{ name: 'phase', error: nothing }],
    [{ name: 'phase', error: nothing }],
  ]);
  const made = agent();
  made(seen({ phase: 'Running' }));
  expect(made(seen({}, { uid: 'u2' }))).toEqual([{ name: 'phase', error: nothing }]);
  const gone = agent();
  gone(seen({ phase: 'Running' }));
  gone(missing);
  expect(gone(failed)).toEqual([{ name: 'phase', error: 'not read: no' }]);
});

test('DL-7, DL-23 a Job that completed and was cleaned up keeps what was read of it', () => {
  const pass = agent();
  pass(seen({ phase: 'Running' }));
  expect(pass({ ...missing, isCompleted: true })).toEqual([
    { ...running, error: 'the job completed and was cleaned up' },
  ]);
});

test('DL-23, F-14 while an agent does not know what is asked of kinds, what the hub was told of them stands', () => {
  const node = { name: 'node', source: '.status.node', read: parseJsonPath('.status.node'), rule: 'things' };
  let kinds: readonly FeedbackField[] | undefined;
  const before = [running, { name: 'node', value: '"n1"', rule: 'things' }];
  const pass = agent(before, () => kinds);
  const passes = [pass(seen({ phase: 'Running', node: 'n2' }))];
  kinds = [node];
  passes.push(pass(seen({ phase: 'Running' })), pass(seen({ phase: 'Running', node: 'n2' })));
  kinds = [];
  passes.push(pass(seen({ phase: 'Running', node: 'n2' })));
  expect(passes).toEqual([
    before,
    [running, { name: 'node', value: '"n1"', rule: 'things', error: nothing }],
    [running, { name: 'node', value: '"n2"', rule: 'things' }],
    [running],
  ]);
});

test('DL-23 a condition says whether all fields were read, and which is the first that was not', () => {
  const report = (...fields: FeedbackReport[]): ManifestReport[] => [
    { identifier, health: 'Unknown', ...(fields.length === 0 ? {} : { fields }) },
  ];
  const none = withFieldsCondition(undefined, report(), now);
  const good = withFieldsCondition(none, report(running), now);
  const bad = withFieldsCondition(good, report(running, { name: 'node', error: nothing }), now);
  expect([none, good, bad, withFieldsCondition(bad, report(), now)]).toMatchObject([
    [],
    [{ type: 'FieldsRead', status: 'True', reason: 'FieldsRead', message: '' }],
    [
      {
        type: 'FieldsRead',
        status: 'False',
        reason: 'FieldsUnread',
        message: '1 of 2 fields could not be read, first node of Thing shop/a: the path finds nothing',
      },
    ],
    [],
  ]);
});
