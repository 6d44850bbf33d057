import { policyAnnotation } from '../../constants/annotations.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import { manifestAnnotations } from '../../policies/manifest-annotations.ts';
import { WorkSet } from '../../quarterdeck.dev/v1alpha1/work-set.ts';
import { configMapManifest, objectOf } from '../objects.ts';
import { invalid, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';
import { workWith } from './objects.ts';

/** Of a kind that does not exist. */
const manyManifests = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'a.test/v1',
    kind: 'Nothing',
    metadata: { name: `n${index}` },
  }));
const bad = configMapManifest('bad', { [policyAnnotation.deletionPolicy]: 'Keep' });
const badMessage =
  'spec.workload.manifests[1].metadata.annotations[quarterdeck.dev/deletion-policy]: unsupported value "Keep"; supported: Delete, Orphan';

/** Policies of Work that stand in annotations. */
export const manifestAnnotationVerdicts: readonly PolicyVerdict[] = verdictsOf(manifestAnnotations, [
  {
    name: 'DL-32 values that are built are accepted',
    kind: Work,
    object: workWith(
      'built',
      [
        configMapManifest('a', { [policyAnnotation.deletionPolicy]: 'Orphan', other: 'x' }),
        configMapManifest('b', { [policyAnnotation.applyStrategy]: 'ServerSideApply' }),
        { apiVersion: 'v1', kind: 'Nameless' },
      ],
      { annotations: { [policyAnnotation.deletionPolicy]: 'Delete' } },
    ),
  },
  {
    name: 'DL-10 a value that does not exist is refused with its path',
    kind: Work,
    object: workWith('value', [configMapManifest('good'), bad]),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-2 a strategy that does not exist is refused',
    kind: Work,
    object: workWith('strategy', [configMapManifest('a', { [policyAnnotation.applyStrategy]: 'Replace' })]),
    refused: invalid(
      'spec.workload.manifests[0].metadata.annotations[quarterdeck.dev/apply-strategy]: unsupported value "Replace"; supported: ServerSideApply, CreateOnly, ReadOnly, Recreate, ReportOnly',
    ),
  },
  {
    name: 'DL-1 a wave that is no integer is refused, on the work too',
    kind: Work,
    object: workWith('wave', [], { annotations: { [policyAnnotation.applyWave]: '1.5' } }),
    refused: invalid(
      'metadata.annotations[quarterdeck.dev/apply-wave]: unsupported value "1.5"; supported: an integer of at most six digits',
    ),
  },
  {
    name: 'DL-3 a list of fields to ignore is accepted',
    kind: Work,
    object: workWith('ignore', [
      configMapManifest('a', {
        [policyAnnotation.ignoreFields]:
          'spec.replicas; spec.template.spec.containers[name="app"].image:AtCreation;\n metadata.annotations["a.b/c"]:OnChange',
        [policyAnnotation.feedbackFields]: 'address=.status.loadBalancer.ingress[0].ip; ready=.status.ready',
        [policyAnnotation.applyWave]: '-5',
        [policyAnnotation.healthDeadline]: '600',
      }),
    ]),
  },
  {
    name: 'DL-3 a mode of ignoring that does not exist is refused',
    kind: Work,
    object: workWith('mode', [configMapManifest('a', { [policyAnnotation.ignoreFields]: 'spec.replicas:Once' })]),
    refused: invalid(
      'spec.workload.manifests[0].metadata.annotations[quarterdeck.dev/ignore-fields]: unsupported value "spec.replicas:Once"; supported: field paths between semicolons, each with :Never, :AtCreation or :OnChange after it or nothing',
    ),
  },
  {
    name: 'WK-1 a work without spec is accepted',
    kind: Work,
    object: objectOf(Work, 'specless'),
  },
  {
    name: 'DL-32 a changed manifest is judged',
    kind: Work,
    old: workWith('changed', [configMapManifest('a')]),
    object: workWith('changed', [configMapManifest('a'), bad]),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-10 a manifest of a work set is judged alike',
    kind: WorkSet,
    object: objectOf(WorkSet, 'set', {
      spec: {
        placementRef: { name: 'p' },
        workload: { manifests: [configMapManifest(), bad] },
        deletionPolicy: 'Delete',
      },
    }),
    refused: invalid(badMessage),
  },
  {
    name: 'DL-10 a work set itself has fields, no annotations',
    kind: WorkSet,
    object: objectOf(WorkSet, 'own', {
      metadata: { name: 'own', annotations: { [policyAnnotation.deletionPolicy]: 'Orphan' } },
      spec: { placementRef: { name: 'p' }, workload: { manifests: [] }, deletionPolicy: 'Delete' },
    }),
    refused: invalid(
      'metadata.annotations: a WorkSet says its policy in spec; these annotations belong on its manifests',
    ),
  },
  {
    name: 'BI-23, WK-28 as many manifests as one Work can tell of are accepted',
    kind: Work,
    object: workWith('many', manyManifests(1_000)),
  },
  {
    name: 'BI-23, WK-28 more manifests than one Work can tell of are refused',
    kind: Work,
    object: workWith('too-many', manyManifests(10_000)),
    refused: invalid(
      'spec.workload.manifests: at most 1000 manifests, since what became of each stands in one object: make several Works',
    ),
  },
  {
    name: 'DL-31 a reference to a Secret is no default of all manifests',
    kind: Work,
    object: workWith('default-secret', [], { annotations: { [policyAnnotation.secretDataFrom]: 'db' } }),
    refused: invalid('metadata.annotations: quarterdeck.dev/secret-data-from belongs on manifests'),
  },
]);
