import type { FieldError } from '@quarterdeck/apis';
import {
  equalValues,
  type JsonObject,
  labelSelectorToRequirements,
  matchesLabels,
  SelectorError,
} from '@quarterdeck/machinery';
import { durationText } from '../../pipeline/render/age.ts';
import {
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  unsupportedField,
  valueAt,
  withValue,
} from '../../registry/fields.ts';
import { atLeast, immutable, immutableFields } from '../checks.ts';
import { ageColumn, cell, nameColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withEach, withPart } from '../defaults.ts';
import { selectorColumn, templateColumns } from './columns.ts';
import { jobStatusErrors } from './job-status.ts';
import { completeTemplate } from './pod-defaults.ts';
import { templateErrors } from './pod-rules.ts';
import { templateWarnings } from './pod-warnings.ts';

const finished = ['Complete', 'Failed'];
const states = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function statusText(job: JsonObject): string {
  const isTrue = (type: string) =>
    objectsAt(job, 'status', 'conditions').some(
      (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
    );
  const done = finished.find(isTrue);
  if (done !== undefined) return done;
  if (valueAt(job, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return states.find(isTrue) ?? 'Running';
}

function completionsText(job: JsonObject): string {
  const succeeded = numberAt(job, 'status', 'succeeded') ?? 0;
  const completions = numberAt(job, 'spec', 'completions');
  const parallelism = numberAt(job, 'spec', 'parallelism') ?? 0;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationOf(job: JsonObject, now: number): string {
  const start = stringAt(job, 'status', 'startTime');
  const end = stringAt(job, 'status', 'completionTime');
  return start === '' ? '' : durationText((end === '' ? now : Date.parse(end)) - Date.parse(start));
}

const controllerUid = 'batch.kubernetes.io/controller-uid';

/** The pods of a job are found by its uid, unless the user brings a selector. */
function withSelector(job: JsonObject): JsonObject {
  if (valueAt(job, 'spec', 'manualSelector') === true) return job;
  const uid = stringAt(job, 'metadata', 'uid');
  const labels = {
    [controllerUid]: uid,
    'batch.kubernetes.io/job-name': stringAt(job, 'metadata', 'name'),
    'controller-uid': uid,
    'job-name': stringAt(job, 'metadata', 'name'),
  };
  const own = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const labelled = withValue(job, ['spec', 'template', 'metadata', 'labels'], { ...labels, ...own });
  const selector = objectAt(job, 'spec', 'selector');
  return withValue(labelled, ['spec', 'selector'], {
    ...selector,
    matchLabels: { [controllerUid]: uid, ...objectAt(selector, 'matchLabels') },
  });
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** What a job's spec must say, in a job or in the template of a CronJob. */
export function jobSpecErrors(spec: JsonObject, path: string): FieldError[] {
  const isIndexed = stringAt(spec, 'completionMode') === 'Indexed';
  const has = (field: string) => valueAt(spec, field) !== undefined;
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy');
  const at = `${path}.template.spec.restartPolicy`;
  return [
    ...counts.flatMap((field) => atLeast(spec, path, field)),
    ...(isIndexed && !has('completions')
      ? [requiredField(`${path}.completions`, 'when completion mode is Indexed')]
      : []),
    ...(has('maxFailedIndexes') && !has('backoffLimitPerIndex')
      ? [requiredField(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...(isIndexed ? [] : ['backoffLimitPerIndex', 'maxFailedIndexes', 'successPolicy'])
      .filter(has)
      .map((field) => invalidField(`${path}.${field}`, valueAt(spec, field), 'requires indexed completion mode')),
    ...templateErrors(objectAt(spec, 'template'), `${path}.template`),
    ...(policy === 'Always' ? [requiredField(at, 'valid values: "OnFailure", "Never"')] : []),
    ...(has('podFailurePolicy') && policy === 'OnFailure'
      ? [invalidField(at, policy, 'only "Never" is supported when podFailurePolicy is specified')]
      : []),
    ...(has('podFailurePolicy') && stringAt(spec, 'podReplacementPolicy') === 'TerminatingOrFailed'
      ? [unsupportedField(`${path}.podReplacementPolicy`, 'TerminatingOrFailed', ['Failed'])]
      : []),
  ];
}

function selectorMatchErrors(job: JsonObject): FieldError[] {
  const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const selector = objectAt(job, 'spec', 'selector');
  if (valueAt(job, 'spec', 'selector') === undefined) return [requiredField('spec.selector')];
  try {
    const texts = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
    if (matchesLabels(labelSelectorToRequirements(selector), texts)) return [];
    return [invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [invalidField('spec.selector', selector, error.message)];
  }
}

const fixed = [
  'spec.selector',
  'spec.completionMode',
  'spec.podFailurePolicy',
  'spec.backoffLimitPerIndex',
  'spec.managedBy',
  'spec.successPolicy',
];
/** Where a suspended job that never ran will run may still change. */
const schedulable = ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates'];

function validateUpdate(job: JsonObject, old: JsonObject): FieldError[] {
  const isElastic =
    stringAt(job, 'spec', 'completionMode') === 'Indexed' &&
    valueAt(job, 'spec', 'completions') === valueAt(job, 'spec', 'parallelism');
  const canMove = valueAt(old, 'spec', 'suspend') === true && stringAt(old, 'status', 'startTime') === '';
  return [
    ...jobStatusErrors(job, old),
    ...immutableFields(job, old, fixed),
    ...(isElastic ? [] : immutable(job, old, 'spec', 'completions')),
    ...(canMove && equalValues(unmovable(job), unmovable(old)) ? [] : immutable(job, old, 'spec', 'template')),
  ];
}

function unmovable(job: JsonObject): JsonObject {
  const template = objectAt(job, 'spec', 'template');
  const { labels: _labels, annotations: _annotations, ...meta } = objectAt(template, 'metadata');
  const spec = Object.entries(objectAt(template, 'spec')).filter(([field]) => !schedulable.includes(field));
  return { ...template, metadata: meta, spec: Object.fromEntries(spec) };
}

/** What a job's spec is filled up with. */
export function completeJobSpec(spec: JsonObject): JsonObject {
  const isPlain = spec.completions === undefined && spec.parallelism === undefined;
  const perIndex = spec.backoffLimitPerIndex !== undefined;
  const filled = withAbsent(spec, {
    ...(isPlain ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: perIndex ? 2 ** 31 - 1 : 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  return withPart(filled, 'podFailurePolicy', (policy) =>
    withEach(policy, 'rules', (rule) =>
      withEach(rule, 'onPodConditions', (pattern) => withAbsent(pattern, { status: 'True' })),
    ),
  );
}

/** Whether it finds its pods by its uid, and these are labelled with it. */
function isSelecting(job: JsonObject): boolean {
  const isOwn = valueAt(job, 'spec', 'manualSelector') === true;
  return !isOwn && valueAt(job, 'spec', 'template', 'metadata', 'labels', controllerUid) === undefined;
}

/** A job without labels has those of its pods. */
function withOwnLabels(job: JsonObject): JsonObject {
  const labels = objectAt(job, 'spec', 'template', 'metadata', 'labels');
  const isEmpty = Object.keys(objectAt(job, 'metadata', 'labels')).length === 0 && Object.keys(labels).length > 0;
  return isEmpty ? withValue(job, ['metadata', 'labels'], { ...labels }) : job;
}

function complete(job: JsonObject): JsonObject {
  const templated = completeTemplate(job);
  // Those of its pods are not whole before the selector is made.
  const labelled = isSelecting(job) ? templated : withOwnLabels(templated);
  return { ...labelled, spec: withAbsent(completeJobSpec(objectAt(labelled, 'spec')), { manualSelector: false }) };
}

/** KA-3 */
export const jobs = dataKind({
  group: 'batch',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  categories: ['all'],
  allColumns: [
    nameColumn,
    cell('Status', 'How far it is.', statusText),
    cell('Completions', 'Pods that succeeded, of all wanted.', completionsText),
    cell('Duration', 'How long it ran.', durationOf),
    ageColumn,
    ...templateColumns,
    selectorColumn('spec', 'selector'),
  ],
  selectableFields: [{ path: 'status.successful', value: (job) => String(numberAt(job, 'status', 'succeeded') ?? 0) }],
  subresources: { status },
  strategy: {
    hasGeneration: true,
    complete,
    prepareForCreate: (job) => withOwnLabels(withSelector(job)),
    validate: (job) => [...jobSpecErrors(objectAt(job, 'spec'), 'spec'), ...selectorMatchErrors(job)],
    validateUpdate,
    warnings: (job, old) => templateWarnings(job, old, 'spec', 'template'),
  },
});
