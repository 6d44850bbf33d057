import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  listAt,
  objectAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { atLeast, oneOf } from '../checks.ts';
import { ageColumn, cell, nameColumn, sinceText } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent, withSpec } from '../defaults.ts';
import { containerColumns, selectorColumn } from './columns.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { completeJobSpec, jobSpecErrors } from './jobs.ts';
import { completePodTemplate } from './pod-defaults.ts';
import { templateWarnings } from './pod-warnings.ts';

/** Jobs get eleven characters more than their CronJob. */
const longestName = 52;

function validate(cronJob: JsonObject): FieldError[] {
  const spec = objectAt(cronJob, 'spec');
  const schedule = stringAt(spec, 'schedule');
  const problem = schedule === '' ? undefined : scheduleProblem(schedule);
  const job = objectAt(spec, 'jobTemplate', 'spec');
  const path = 'spec.jobTemplate.spec';
  return [
    ...(schedule === '' ? [requiredField('spec.schedule')] : []),
    ...(problem === undefined ? [] : [invalidField('spec.schedule', schedule, problem)]),
    ...zoneErrors(spec),
    ...['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].flatMap((field) =>
      atLeast(spec, 'spec', field),
    ),
    ...oneOf(spec, 'spec', 'concurrencyPolicy', ['Allow', 'Forbid', 'Replace'], true),
    ...jobSpecErrors(job, path),
    ...(valueAt(job, 'selector') === undefined
      ? []
      : [forbiddenField(`${path}.selector`, 'may not be specified; it is generated for each job')]),
  ];
}

function zoneErrors(spec: JsonObject): FieldError[] {
  const zone = valueAt(spec, 'timeZone');
  if (zone === undefined) return [];
  const path = 'spec.timeZone';
  if (zone === '') return [invalidField(path, zone, 'timeZone must be nil or non-empty string')];
  return isZone(String(zone)) ? [] : [invalidField(path, zone, `unknown time zone ${String(zone)}`)];
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone.toLowerCase() !== 'local';
  } catch {
    return false;
  }
}

function nameErrors(cronJob: JsonObject): FieldError[] {
  const name = stringAt(cronJob, 'metadata', 'name');
  return name.length > longestName
    ? [invalidField('metadata.name', name, `must be no more than ${longestName} characters`)]
    : [];
}

function completeSpec(spec: JsonObject): JsonObject {
  const filled = withAbsent(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const template = objectAt(spec, 'jobTemplate');
  const job = objectAt(template, 'spec');
  return {
    ...filled,
    jobTemplate: {
      ...template,
      metadata: objectAt(template, 'metadata'),
      spec: { ...job, template: completePodTemplate(objectAt(job, 'template')) },
    },
  };
}

/** The jobs' own defaults are filled in when they are made. */
const checkedSpec = (cronJob: JsonObject): JsonObject =>
  withSpec(cronJob, (spec) => {
    const template = objectAt(spec, 'jobTemplate');
    return { ...spec, jobTemplate: { ...template, spec: completeJobSpec(objectAt(template, 'spec')) } };
  });

/** KA-3 */
export const cronJobs = dataKind({
  group: 'batch',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  allColumns: [
    nameColumn,
    cell('Schedule', 'When it makes jobs.', (cronJob) => stringAt(cronJob, 'spec', 'schedule')),
    cell('Timezone', 'The time zone of the schedule.', (cronJob) => stringAt(cronJob, 'spec', 'timeZone') || undefined),
    cell(
      'Suspend',
      'Whether it makes none for now.',
      (cronJob) => (valueAt(cronJob, 'spec', 'suspend') === true ? 'True' : 'False'),
      { type: 'boolean' },
    ),
    cell('Active', 'How many of its jobs run.', (cronJob) => listAt(cronJob, 'status', 'active').length, {
      type: 'integer',
    }),
    cell('Last Schedule', 'When it made the last job.', (cronJob, now) =>
      stringAt(cronJob, 'status', 'lastScheduleTime') === ''
        ? undefined
        : sinceText(cronJob, now, 'status', 'lastScheduleTime'),
    ),
    ageColumn,
    ...containerColumns(['spec', 'jobTemplate', 'spec', 'template']),
    selectorColumn('spec', 'jobTemplate', 'spec', 'selector'),
  ],
  subresources: { status },
  strategy: {
    hasGeneration: true,
    complete: (cronJob) => withSpec(cronJob, completeSpec),
    validate: (cronJob) => validate(checkedSpec(cronJob)),
    validateCreate: nameErrors,
    warnings: (cronJob, old) => templateWarnings(cronJob, old, 'spec', 'jobTemplate', 'spec', 'template'),
  },
});
