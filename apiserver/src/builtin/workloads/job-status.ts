import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { atLeast, duplicates } from '../checks.ts';
import { intervalError, sharedIndex } from './job-indexes.ts';

const ends = ['Complete', 'Failed'];
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'];

/** What a job is said to be, and whether one write changed it. */
interface Written {
  readonly job: JsonObject;
  readonly old: JsonObject;
  /** Whether a condition is True now. */
  readonly is: (type: string) => boolean;
  readonly was: (type: string) => boolean;
  readonly count: (field: string) => number;
  /** Whether any of these fields of the status is another than before. */
  readonly changed: (...fields: readonly string[]) => boolean;
  /** Whether any of these conditions became True, or ceased to be. */
  readonly turned: (...types: readonly string[]) => boolean;
}

/**
 * What a written status of a job may not say: whoever runs jobs, their clients rely on it that a job ends once and for
 * good. What a write leaves as it was is not held against it. KA-3
 */
export function jobStatusErrors(job: JsonObject, old: JsonObject): FieldError[] {
  if (equalValues(job.status, old.status)) return [];
  const isTrue = (one: JsonObject) => (type: string) =>
    objectsAt(one, 'status', 'conditions').some(
      (condition) => stringAt(condition, 'type') === type && stringAt(condition, 'status') === 'True',
    );
  const [is, was] = [isTrue(job), isTrue(old)];
  const written: Written = {
    job,
    old,
    is,
    was,
    count: (field) => numberAt(job, 'status', field) ?? 0,
    changed: (...fields) =>
      fields.some((field) => !equalValues(valueAt(job, 'status', field), valueAt(old, 'status', field))),
    turned: (...types) => types.some((type) => is(type) !== was(type)),
  };
  return [
    ...counts.flatMap((field) => atLeast(objectAt(job, 'status'), 'status', field)),
    ...countErrors(written),
    ...conditionErrors(written),
    ...timeErrors(written),
    ...uncountedErrors(written),
    ...indexErrors(written),
  ];
}

const isFinished = ({ is }: Written): boolean => ends.some(is);
const finishedNow = (written: Written): boolean => ends.some(written.is) !== ends.some(written.was);

function countErrors(written: Written): FieldError[] {
  const { job, old, count, changed } = written;
  const isIndexed = stringAt(job, 'spec', 'completionMode') === 'Indexed';
  const isElastic = isIndexed && equalValues(valueAt(job, 'spec', 'completions'), valueAt(job, 'spec', 'parallelism'));
  const fewer = (field: string) =>
    count(field) < (numberAt(old, 'status', field) ?? 0)
      ? [invalidField(`status.${field}`, count(field), `cannot decrease the ${field} counter`)]
      : [];
  const running = (field: string) =>
    isFinished(written) && (finishedNow(written) || changed(field)) && count(field) > 0
      ? [invalidField(`status.${field}`, count(field), `${field}>0 is invalid for finished job`)]
      : [];
  return [
    ...fewer('failed'),
    ...(isElastic ? [] : fewer('succeeded')),
    ...running('active'),
    ...running('terminating'),
    ...(changed('ready', 'active') && count('ready') > count('active')
      ? [invalidField('status.ready', count('ready'), 'cannot set more ready pods than active')]
      : []),
  ];
}

/** About all conditions together, so that no value is shown. */
const contradiction = (why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field: 'status.conditions',
  message: `Invalid value: ${why}`,
});

function conditionErrors({ job, is, was, turned, changed }: Written): FieldError[] {
  const never = (...types: readonly [string, string]) =>
    types.every(is) ? [contradiction(`cannot set ${types[0]}=True and ${types[1]}=true conditions`)] : [];
  const without = (type: string, first: string) =>
    is(type) && !is(first)
      ? [contradiction(`cannot set ${type}=True condition without the ${first}=true condition`)]
      : [];
  const hasPolicy = valueAt(job, 'spec', 'successPolicy') !== undefined;
  return [
    ...(turned('Complete', 'Failed') ? never('Complete', 'Failed') : []),
    ...(turned('Complete', 'FailureTarget') ? never('Complete', 'FailureTarget') : []),
    ...never('SuccessCriteriaMet', 'Failed'),
    ...never('SuccessCriteriaMet', 'FailureTarget'),
    ...(turned('Failed') || changed('failedIndexes') ? without('Failed', 'FailureTarget') : []),
    ...(turned('Complete', 'SuccessCriteriaMet') ? without('Complete', 'SuccessCriteriaMet') : []),
    ...(hasPolicy && is('Complete') && !is('SuccessCriteriaMet')
      ? [contradiction('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')]
      : []),
    ...['Failed', 'Complete', 'FailureTarget']
      .filter((type) => was(type) && !is(type))
      .map((type) => contradiction(`cannot disable the terminal ${type}=True condition`)),
    ...(was('SuccessCriteriaMet') && !is('SuccessCriteriaMet')
      ? [contradiction('cannot disable the SuccessCriteriaMet=True condition')]
      : []),
    ...(was('Complete') && !was('SuccessCriteriaMet') && is('SuccessCriteriaMet')
      ? [contradiction('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')]
      : []),
  ];
}

function timeErrors(written: Written): FieldError[] {
  const { job, old, is, was, changed, turned } = written;
  const [start, end] = [stringAt(job, 'status', 'startTime'), stringAt(job, 'status', 'completionTime')];
  const [oldStart, oldEnd] = [stringAt(old, 'status', 'startTime'), stringAt(old, 'status', 'completionTime')];
  const isSuspended = valueAt(job, 'spec', 'suspend') === true;
  const isEmpty = isSuspended && numberAt(job, 'spec', 'completions') === 0;
  const suspended = objectsAt(job, 'status', 'conditions').find((one) => stringAt(one, 'type') === 'Suspended');
  const isResuming = was('Suspended') && stringAt(suspended ?? {}, 'status') === 'False';
  const at = 'status.completionTime';
  const isEndNew = turned('Complete') || changed('completionTime');
  return [
    ...(isEndNew && end !== '' && !is('Complete')
      ? [invalidField(at, end, 'cannot set completionTime when there is no Complete=True condition')]
      : []),
    ...(isEndNew && end === '' && is('Complete')
      ? [requiredField(at, 'completionTime is required for Complete jobs')]
      : []),
    ...(changed('startTime', 'completionTime') && start !== '' && end !== '' && Date.parse(end) < Date.parse(start)
      ? [invalidField(at, end, 'must be equal to or after `startTime`')]
      : []),
    ...(end !== '' && oldEnd !== '' && end !== oldEnd ? [invalidField(at, end, 'field is immutable')] : []),
    ...((finishedNow(written) || changed('startTime')) && !isEmpty && start === '' && isFinished(written)
      ? [requiredField('status.startTime', 'startTime is required for finished job')]
      : []),
    ...(changed('startTime') && !isResuming && oldStart !== '' && !isSuspended
      ? [requiredField('status.startTime', 'startTime cannot be removed for unsuspended job')]
      : []),
  ];
}

function uncountedErrors(written: Written): FieldError[] {
  const path = 'status.uncountedTerminatedPods';
  const lists = ['succeeded', 'failed'].map((list) => ({
    list,
    uids: listAt(written.job, 'status', 'uncountedTerminatedPods', list).map(String),
  }));
  const all = lists.flatMap(({ list, uids }) => uids.map((uid, index) => ({ uid, at: `${path}.${list}[${index}]` })));
  const isLate = isFinished(written) && (finishedNow(written) || written.changed('uncountedTerminatedPods'));
  return [
    ...all.filter(({ uid }) => uid === '').map(({ at, uid }) => invalidField(at, uid, 'must not be empty')),
    ...duplicates(
      all.map(({ uid }) => uid),
      (index) => all[index]?.at ?? path,
    ),
    ...(isLate && all.length > 0
      ? [
          invalidField(
            path,
            valueAt(written.job, 'status', 'uncountedTerminatedPods'),
            'must be empty for finished job',
          ),
        ]
      : []),
  ];
}

function indexErrors({ job, changed }: Written): FieldError[] {
  const completions = numberAt(job, 'spec', 'completions');
  const done = stringAt(job, 'status', 'completedIndexes');
  const failed = valueAt(job, 'status', 'failedIndexes');
  const perIndex = valueAt(job, 'spec', 'backoffLimitPerIndex') !== undefined;
  const parsed = (field: string, text: string) => {
    const why = completions === undefined ? undefined : intervalError(text, completions);
    return why === undefined ? [] : [invalidField(`status.${field}`, text, `error parsing ${field}: ${why}`)];
  };
  const isNew = changed('completedIndexes');
  const failedErrors =
    typeof failed !== 'string' || !changed('failedIndexes')
      ? []
      : perIndex
        ? parsed('failedIndexes', failed)
        : [
            invalidField(
              'status.failedIndexes',
              failed,
              'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
            ),
          ];
  const shared =
    completions !== undefined && typeof failed === 'string' && changed('failedIndexes', 'completedIndexes')
      ? sharedIndex(done, failed, completions)
      : undefined;
  return [
    ...(isNew ? parsed('completedIndexes', done) : []),
    ...(isNew && done !== '' && stringAt(job, 'spec', 'completionMode') !== 'Indexed'
      ? [
          invalidField(
            'status.completedIndexes',
            done,
            'cannot set non-empty completedIndexes when non-indexed completion mode',
          ),
        ]
      : []),
    ...failedErrors,
    ...(shared === undefined
      ? []
      : [
          invalidField(
            'status.failedIndexes',
            failed,
            `failedIndexes and completedIndexes overlap at index: ${shared}`,
          ),
        ]),
  ];
}
