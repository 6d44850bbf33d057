import { policyAnnotation } from '../../constants/annotations.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import { executeAs } from '../../policies/execute-as.ts';
import { WorkSet } from '../../quarterdeck.dev/v1alpha1/work-set.ts';
import { configMapManifest } from '../objects.ts';
import { forbidden, invalid, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';
import { mayExecute, workSetWith, workWith } from './objects.ts';

const executeAsMessage =
  'metadata.annotations[quarterdeck.dev/execute-as]: what is executed as another needs the verb execute-as on serviceaccounts "shop/deployer"';
const asDeployer = { annotations: { [policyAnnotation.executeAs]: 'shop/deployer' } };

/** Who may have a Work executed as a service account. */
export const executeAsVerdicts: readonly PolicyVerdict[] = verdictsOf(executeAs, [
  {
    name: 'DL-30 who may execute as the service account may name it',
    kind: Work,
    object: workWith('executor', [configMapManifest('a')], asDeployer),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 who may not is refused',
    kind: Work,
    object: workWith('executor-refused', [configMapManifest('a')], asDeployer),
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 the right is on the one service account',
    kind: Work,
    object: workWith('executor-other', [configMapManifest('a')], asDeployer),
    rights: [{ ...mayExecute, name: 'shop/other' }],
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 changing what another executes needs the right too',
    kind: Work,
    old: workWith('executor-content', [configMapManifest('a')], asDeployer),
    object: workWith('executor-content', [configMapManifest('b')], asDeployer),
    refused: forbidden(executeAsMessage),
  },
  {
    name: 'DL-30 labelling such a work does not',
    kind: Work,
    old: workWith('executor-labels', [configMapManifest('a')], asDeployer),
    object: workWith('executor-labels', [configMapManifest('a')], { ...asDeployer, labels: { a: 'b' } }),
  },
  {
    name: 'DL-30 a manifest cannot name an executor',
    kind: Work,
    object: workWith('executor-manifest', [configMapManifest('a', { [policyAnnotation.executeAs]: 'shop/deployer' })]),
    rights: [mayExecute],
    refused: invalid(
      'the annotations quarterdeck.dev/dry-run, quarterdeck.dev/execute-as, quarterdeck.dev/remove-after-completion, quarterdeck.dev/pause-repair belong on the Work, not on its manifests',
    ),
  },
  {
    name: 'DL-30 a WorkSet names an executor in its spec, by the same right',
    kind: WorkSet,
    object: workSetWith('executor', [configMapManifest('a')], 'shop/deployer'),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 the author of a WorkSet who may not is refused',
    kind: WorkSet,
    object: workSetWith('executor-refused', [configMapManifest('a')], 'shop/deployer'),
    refused: forbidden(
      'spec.executeAs: what is executed as another needs the verb execute-as on serviceaccounts "shop/deployer"',
    ),
  },
]);
