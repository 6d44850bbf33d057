import { policyAnnotation } from '../../constants/annotations.ts';
import { Work } from '../../multicluster.x-k8s.io/v1alpha1/work.ts';
import type { Right } from '../../policies/policy.ts';
import { secretData } from '../../policies/secret-data.ts';
import { WorkSet } from '../../quarterdeck.dev/v1alpha1/work-set.ts';
import { configMapManifest } from '../objects.ts';
import { forbidden, invalid, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';
import { workSetWith, workWith } from './objects.ts';

const secretManifest = (name: string, annotations: Readonly<Record<string, string>> = {}, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop', annotations },
  ...more,
});
const fromDb = { [policyAnnotation.secretDataFrom]: 'db' };
const mayGet: Right = { verb: 'get', group: '', resource: 'secrets', name: 'db' };
const getMessage =
  'annotation quarterdeck.dev/secret-data-from: referring to Secrets needs the verb get on each of them: db';

/** What of Secrets stands in a Work, and who may refer to one. */
export const secretDataVerdicts: readonly PolicyVerdict[] = verdictsOf(secretData, [
  {
    name: 'DL-31 data of a Secret stands in no Work',
    kind: Work,
    object: workWith('secret-data', [configMapManifest('a'), secretManifest('s', {}, { data: { a: 'eA==' } })]),
    rights: [mayGet],
    refused: invalid(
      'spec.workload.manifests[1]: data of a Secret stands in no Work: keep it in a Secret in the namespace of the member on the hub, and name that with the annotation quarterdeck.dev/secret-data-from',
    ),
  },
  {
    name: 'DL-31, SEC-11 who may get the Secret may refer to it',
    kind: Work,
    object: workWith('secret-get', [secretManifest('s', fromDb)]),
    rights: [mayGet],
  },
  {
    name: 'DL-31, SEC-11 who may not is refused',
    kind: Work,
    object: workWith('secret-refused', [secretManifest('s', fromDb)]),
    refused: forbidden(getMessage),
  },
  {
    name: 'DL-31, SEC-13 moving the data of a Secret elsewhere on the member needs the right too',
    kind: Work,
    old: workWith('secret-moved', [secretManifest('s', fromDb)]),
    object: workWith('secret-moved', [secretManifest('elsewhere', fromDb)]),
    refused: forbidden(getMessage),
  },
  {
    name: 'DL-31 only the manifest of a Secret gets data of one',
    kind: Work,
    object: workWith('secret-kind', [configMapManifest('a', fromDb)]),
    rights: [mayGet],
    refused: invalid(
      'spec.workload.manifests[0]: the annotation quarterdeck.dev/secret-data-from belongs on manifests of Secrets',
    ),
  },
  {
    name: 'DL-31 the author of a WorkSet may get the name wherever it goes',
    kind: WorkSet,
    object: workSetWith('secret-get', [secretManifest('s', fromDb)]),
    rights: [mayGet],
  },
  {
    name: 'DL-31 the author of a WorkSet who may not is refused',
    kind: WorkSet,
    object: workSetWith('secret-refused', [secretManifest('s', fromDb)]),
    refused: forbidden(getMessage),
  },
]);
