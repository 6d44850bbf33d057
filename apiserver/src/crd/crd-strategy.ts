import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { createdAtColumn, nameColumn } from '../builtin/columns.ts';
import { dataKind, status } from '../builtin/data-kind.ts';
import type { ResourceDefinition, Strategy } from '../registry/definition.ts';
import { approvalErrors } from './approval.ts';
import { completeCrd, withCleanup, withInitialStatus, withStoredVersion } from './crd-defaults.ts';
import { crdGroup, crdPlural, schemaOf, versionsOf } from './crd-object.ts';
import { type RuleTwins, ruleTexts, withGenericTwins } from './crd-rules.ts';
import { crdChangeErrors, crdErrors } from './crd-validate.ts';
import { crdWarnings } from './crd-warnings.ts';

export interface CrdOptions {
  /** The CEL rules that can be evaluated, beside `self == oldSelf`. */
  readonly ruleTwins: RuleTwins;
}

/** The kind CustomResourceDefinition itself. KA-94, KA-95 */
export function customResourceDefinitions(options: CrdOptions): ResourceDefinition {
  return dataKind({
    group: crdGroup,
    kind: 'CustomResourceDefinition',
    plural: crdPlural,
    scope: 'Cluster',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    subresources: { status },
    allColumns: [nameColumn, createdAtColumn],
    strategy: crdStrategy(options),
  });
}

/** What is special about CRDs: defaults, full validation, the initial status, and the finalizer that cleans up. */
export function crdStrategy(options: CrdOptions): Strategy {
  const twins = withGenericTwins(options.ruleTwins);
  const errors = (crd: JsonObject, known: ReadonlySet<string>): FieldError[] => crdErrors(crd, { twins, known });
  return Object.freeze<Strategy>({
    hasGeneration: true,
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    complete: completeCrd,
    prepareForCreate: withInitialStatus,
    prepareForUpdate: withStoredVersion,
    prepareForDelete: (crd, { now }) => withCleanup(crd, now),
    validateCreate: (crd) => [...errors(crd, new Set()), ...approvalErrors(crd)],
    validateUpdate: (crd, old) => [
      ...crdChangeErrors(crd, old),
      ...errors(crd, new Set(versionsOf(old).flatMap((version) => ruleTexts(schemaOf(version) ?? {})))),
      ...approvalErrors(crd, old),
    ],
    warnings: crdWarnings,
  });
}
