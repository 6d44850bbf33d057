import { Namespace } from '../../builtin/core.ts';
import { annotation } from '../../constants/annotations.ts';
import { defaultExecutor } from '../../policies/default-executor.ts';
import { objectOf } from '../objects.ts';
import { forbidden, invalid, type PolicyVerdict, verdictsOf } from '../policy-verdict.ts';
import { mayExecute } from './objects.ts';

const defaultMessage =
  'metadata.annotations[quarterdeck.dev/default-executor]: it is set and taken away by those who may execute-as serviceaccounts "shop/deployer"';
const tenancy = (name: string, executor?: string) =>
  objectOf(Namespace, name, {
    metadata: {
      name: `default-executor-${name}`,
      ...(executor === undefined ? {} : { annotations: { [annotation.defaultExecutor]: executor } }),
    },
  });

/** Who may say as whom the Work of a namespace is executed. */
export const defaultExecutorVerdicts: readonly PolicyVerdict[] = verdictsOf(defaultExecutor, [
  {
    name: 'DL-30 who may execute as the service account may make it the default of a namespace',
    kind: Namespace,
    old: tenancy('set'),
    object: tenancy('set', 'shop/deployer'),
    rights: [mayExecute],
  },
  {
    name: 'DL-30 who may not is refused, though he may write namespaces',
    kind: Namespace,
    old: tenancy('refused'),
    object: tenancy('refused', 'shop/deployer'),
    refused: forbidden(defaultMessage),
  },
  {
    name: 'DL-30 nobody widens what a namespace may do by taking its default away',
    kind: Namespace,
    old: tenancy('removed', 'shop/deployer'),
    object: tenancy('removed'),
    refused: forbidden(defaultMessage),
  },
  {
    name: 'DL-30 a default that is no service account is refused',
    kind: Namespace,
    object: tenancy('odd', 'deployer'),
    rights: [{ ...mayExecute, name: 'deployer' }],
    refused: invalid(
      'metadata.annotations[quarterdeck.dev/default-executor]: supported: namespace/name of a service account of the member',
    ),
  },
]);
