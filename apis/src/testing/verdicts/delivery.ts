import { AppliedWork } from '../../multicluster.x-k8s.io/v1alpha1/applied-work.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import { HealthRule, maxFeedbackFields } from '../../quarterdeck.dev/v1alpha1/health-rule.ts';
import { WorkReport } from '../../quarterdeck.dev/v1alpha1/work-report.ts';
import { maxWorkSetManifests, WorkSet } from '../../quarterdeck.dev/v1alpha1/work-set.ts';
import { conditionOf, configMapManifest, objectOf, times } from '../objects.ts';
import type { Verdict } from '../verdict.ts';

const workSet = (name: string, spec: Record<string, unknown> = {}) =>
  objectOf(WorkSet, name, { spec: { placementRef: { name: 'all' }, workload: { manifests: [] }, ...spec } });

const workSets: Verdict[] = [
  {
    name: 'DL-6 a work set deletes what it withdraws unless it says otherwise',
    kind: WorkSet,
    object: workSet('plain', { workload: { manifests: [configMapManifest()] } }),
    accepted: true,
    stored: {
      spec: { placementRef: { name: 'all' }, workload: { manifests: [configMapManifest()] }, deletionPolicy: 'Delete' },
    },
  },
  {
    name: 'BI-23 a work set without manifests is valid',
    kind: WorkSet,
    object: workSet('nothing', { deletionPolicy: 'Orphan' }),
    accepted: true,
  },
  {
    name: 'BI-23 a manifest without kind is refused',
    kind: WorkSet,
    object: workSet('no-kind', { workload: { manifests: [{ apiVersion: 'v1', metadata: { name: 'a' } }] } }),
    refused: [{ field: 'spec.workload.manifests[0].kind', messageIncludes: 'Required value' }],
  },
  {
    name: 'BI-23 ten thousand manifests are refused',
    kind: WorkSet,
    object: workSet('many', {
      workload: {
        manifests: times(10_000, (index) => ({ apiVersion: 'v1', kind: 'A', metadata: { name: `a${index}` } })),
      },
    }),
    refused: [{ field: 'spec.workload.manifests', messageIncludes: `must have at most ${maxWorkSetManifests} items` }],
  },
  {
    name: 'DL-6 a deletion policy that does not exist is refused',
    kind: WorkSet,
    object: workSet('keep', { deletionPolicy: 'Keep' }),
    refused: [{ field: 'spec.deletionPolicy', messageIncludes: 'supported values: "Delete", "Orphan"' }],
  },
  {
    name: 'DL-44 a work set without placement is refused',
    kind: WorkSet,
    object: objectOf(WorkSet, 'nowhere', { spec: { workload: { manifests: [] } } }),
    refused: [{ field: 'spec.placementRef', messageIncludes: 'Required value' }],
  },
  {
    name: 'DL-23 a report is written in one piece',
    kind: WorkReport,
    object: objectOf(WorkReport, 'app', {
      status: {
        observedWorkGeneration: 3,
        lastReportTime: '2026-01-31T12:00:00Z',
        manifests: [
          {
            identifier: {
              ordinal: 0,
              group: 'apps',
              version: 'v1',
              kind: 'Deployment',
              resource: 'deployments',
              namespace: 'a',
              name: 'b',
            },
            health: 'Progressing',
            message: '1 of 2 replicas are available',
            replicas: { desired: 2, ready: 1, available: 1, updated: 2 },
          },
        ],
      },
    }),
    accepted: true,
  },
  {
    name: 'DL-22 a health that does not exist is refused',
    kind: WorkReport,
    object: objectOf(WorkReport, 'sick', {
      status: { observedWorkGeneration: 1, manifests: [{ identifier: { ordinal: 0 }, health: 'Fine' }] },
    }),
    refused: [{ field: 'status.manifests[0].health', messageIncludes: 'Unsupported value: "Fine"' }],
  },
];

const target = { group: 'example.com', kind: 'Database' };
const healthRule = (name: string, spec: Record<string, unknown>) =>
  objectOf(HealthRule, name, { spec: { target, ...spec } });
const phase = { name: 'phase', jsonPath: '.status.phase' };

const healthRules: Verdict[] = [
  {
    name: 'DL-23 a rule may ask for fields and leave health to the agent',
    kind: HealthRule,
    object: healthRule('fields', { feedback: [phase, { name: 'lag', expression: 'object.status.lag' }] }),
    accepted: true,
    stored: {
      spec: {
        target,
        feedback: [phase, { name: 'lag', expression: 'object.status.lag' }],
        otherwise: 'Progressing',
        awaitsObservedGeneration: 'WhenPresent',
      },
    },
  },
  {
    name: 'DL-22 a rule about health alone is accepted',
    kind: HealthRule,
    object: healthRule('states', { states: [{ health: 'Healthy', when: 'true' }] }),
    accepted: true,
    stored: {
      spec: {
        target,
        states: [{ health: 'Healthy', when: 'true' }],
        otherwise: 'Progressing',
        awaitsObservedGeneration: 'WhenPresent',
      },
    },
  },
  {
    name: 'DL-22 a rule about nothing is refused',
    kind: HealthRule,
    object: healthRule('nothing', {}),
    refused: [{ field: 'spec', messageIncludes: 'needs states, feedback, or both' }],
  },
  {
    name: 'DL-23 a field has a path or an expression, and not both',
    kind: HealthRule,
    object: healthRule('sources', { feedback: [{ ...phase, expression: 'object.status.phase' }, { name: 'none' }] }),
    refused: [
      { field: 'spec.feedback[0]', messageIncludes: 'needs either a jsonPath or an expression' },
      { field: 'spec.feedback[1]', messageIncludes: 'needs either a jsonPath or an expression' },
    ],
  },
  {
    name: 'DL-23 a field without a name that reports can show is refused',
    kind: HealthRule,
    object: healthRule('names', { feedback: [{ ...phase, name: '1st' }] }),
    refused: [{ field: 'spec.feedback[0].name', messageIncludes: 'should match' }],
  },
  {
    name: 'DL-23 two fields of one name are refused',
    kind: HealthRule,
    object: healthRule('twice', { feedback: [phase, phase] }),
    refused: [{ field: 'spec.feedback[1]', messageIncludes: 'Duplicate value' }],
  },
  {
    name: 'DL-23 more fields of a kind than a report holds are refused',
    kind: HealthRule,
    object: healthRule('many', {
      feedback: times(maxFeedbackFields + 1, (index) => ({ ...phase, name: `f${index}` })),
    }),
    refused: [{ field: 'spec.feedback', messageIncludes: `must have at most ${maxFeedbackFields} items` }],
  },
];

const works: Verdict[] = [
  {
    name: 'BI-23 a work without manifests is valid',
    kind: Work,
    object: objectOf(Work, 'nothing', { spec: { workload: { manifests: [] } } }),
    accepted: true,
  },
  { name: 'WK-1 a work without spec is valid', kind: Work, object: objectOf(Work, 'bare'), accepted: true },
  {
    name: 'WK-25 a manifest without a name passes the schema, for the agent to report',
    kind: Work,
    object: objectOf(Work, 'nameless', {
      spec: { workload: { manifests: [{ apiVersion: 'v1', kind: 'ConfigMap' }] } },
    }),
    accepted: true,
  },
  {
    name: 'WK-23 unknown fields of a manifest are kept',
    kind: Work,
    object: objectOf(Work, 'kept', {
      spec: { workload: { manifests: [{ ...configMapManifest(), spec: { anything: [1, { goes: true }] } }] } },
    }),
    accepted: true,
  },
  {
    name: 'BI-23 a manifest without kind is refused by a work too',
    kind: Work,
    object: objectOf(Work, 'no-kind', {
      spec: { workload: { manifests: [{ apiVersion: 'v1', metadata: { name: 'a' } }] } },
    }),
    refused: [{ field: 'spec.workload.manifests[0].kind', messageIncludes: 'Required value' }],
  },
  {
    name: 'WK-13 a status without conditions is refused',
    kind: Work,
    subresource: 'status',
    old: objectOf(Work, 'unconditioned'),
    object: objectOf(Work, 'unconditioned', { status: { manifestConditions: [] } }),
    refused: [{ field: 'status.conditions', messageIncludes: 'Required value' }],
  },
  {
    name: 'WK-38 manifest conditions with whole identifiers are accepted',
    kind: Work,
    subresource: 'status',
    old: objectOf(Work, 'reported'),
    object: objectOf(Work, 'reported', {
      status: {
        conditions: [conditionOf()],
        manifestConditions: [
          {
            identifier: {
              ordinal: 0,
              group: '',
              version: 'v1',
              kind: 'ConfigMap',
              resource: 'configmaps',
              namespace: 'a',
              name: 'b',
            },
            conditions: [conditionOf({ reason: 'AppliedManifestComplete' })],
          },
        ],
      },
    }),
    accepted: true,
  },
  {
    name: 'WK-29 an applied work names its work',
    kind: AppliedWork,
    object: objectOf(AppliedWork, 'app', { spec: { workName: 'app', workNamespace: 'member-m1' } }),
    accepted: true,
  },
  {
    name: 'WK-29 an applied work without namespace is refused',
    kind: AppliedWork,
    object: objectOf(AppliedWork, 'stray', { spec: { workName: 'app' } }),
    refused: [{ field: 'spec.workNamespace', messageIncludes: 'Required value' }],
  },
];

/** Work sets, works and what is reported of them. */
export const deliveryVerdicts: readonly Verdict[] = [...workSets, ...healthRules, ...works];
