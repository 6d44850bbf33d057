import type { JsonObject } from '@quarterdeck/machinery';
import { durationText } from '../../pipeline/render/age.ts';
import { numberAt, objectAt, objectsAt, stringAt, valueAt, withValue } from '../../registry/fields.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { selectorColumn, templateColumns } from './columns.ts';
import { completeTemplate, withAbsent } from './pod-defaults.ts';
import { immutableField, workloadErrors } from './validation.ts';

function statusText(job: JsonObject): string {
  const done = objectsAt(job, 'status', 'conditions')
    .filter((condition) => stringAt(condition, 'status') === 'True')
    .map((condition) => stringAt(condition, 'type'))
    .find((type) => ['Complete', 'Failed', 'Suspended'].includes(type));
  if (done !== undefined) return done;
  return valueAt(job, 'metadata', 'deletionTimestamp') === undefined ? 'Running' : 'Terminating';
}

function durationOf(job: JsonObject, now: number): string | undefined {
  const start = stringAt(job, 'status', 'startTime');
  const end = stringAt(job, 'status', 'completionTime');
  if (start === '') return undefined;
  return durationText((end === '' ? now : Date.parse(end)) - Date.parse(start));
}

/** The pods of a job are found by its uid, unless the user brings a selector. */
function withSelector(job: JsonObject): JsonObject {
  if (valueAt(job, 'spec', 'manualSelector') === true || valueAt(job, 'spec', 'selector') !== undefined) return job;
  const uid = stringAt(job, 'metadata', 'uid');
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': stringAt(job, 'metadata', 'name'),
    'controller-uid': uid,
    'job-name': stringAt(job, 'metadata', 'name'),
  };
  const own = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const labelled = withValue(job, ['spec', 'template', 'metadata', 'labels'], { ...own, ...labels });
  return withValue(labelled, ['spec', 'selector'], { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } });
}

const defaults: JsonObject = {
  parallelism: 1,
  completions: 1,
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  suspend: false,
  podReplacementPolicy: 'TerminatingOrFailed',
};

export const jobs = dataKind({
  group: 'batch',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  categories: ['all'],
  allColumns: [
    nameColumn,
    textColumn('Status', 'How far it is.', statusText),
    textColumn('Completions', 'Pods that succeeded, of all wanted.', (job) => {
      return `${numberAt(job, 'status', 'succeeded') ?? 0}/${numberAt(job, 'spec', 'completions') ?? 1}`;
    }),
    textColumn('Duration', 'How long it ran.', durationOf),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  subresources: { status },
  strategy: {
    hasGeneration: true,
    complete: (job) => {
      const templated = completeTemplate(job);
      return { ...templated, spec: withAbsent(objectAt(templated, 'spec'), defaults) };
    },
    prepareForCreate: withSelector,
    validate: workloadErrors,
    validateUpdate: (job, old) => [
      ...immutableField(job, old, 'spec', 'selector'),
      ...immutableField(job, old, 'spec', 'template'),
    ],
  },
});
