import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { createdAtColumn, nameColumn } from '../builtin/columns.ts';
import { dataKind, status } from '../builtin/data-kind.ts';
import type { ResourceDefinition, Strategy } from '../registry/definition.ts';
import { approvalErrors } from './approval.ts';
import { completeCrd, withCleanup, withInitialStatus, withStoredVersion } from './crd-defaults.ts';
import { crdGroup, crdPlural, schemaOf, versionsOf } from './crd-object.ts';
import { crdChangeErrors, crdErrors } from './crd-validate.ts';
import { crdWarnings } from './crd-warnings.ts';
import type { RuleCompiler } from './rule-programs.ts';

export interface CrdOptions {
  readonly ruleCompiler: RuleCompiler;
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
  const errors = (crd: JsonObject, known: readonly (JsonObject | undefined)[]): FieldError[] =>
    crdErrors(crd, {
      compiler: options.ruleCompiler,
      isKnown: (schema) => known.some((stored) => equalValues(stored, schema)),
    });
  return Object.freeze<Strategy>({
    hasGeneration: true,
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    complete: completeCrd,
    prepareForCreate: withInitialStatus,
    prepareForUpdate: withStoredVersion,
    prepareForDelete: (crd, { now }) => withCleanup(crd, now),
    validateCreate: (crd) => [...errors(crd, []), ...approvalErrors(crd)],
    validateUpdate: (crd, old) => [
      ...crdChangeErrors(crd, old),
      ...errors(crd, versionsOf(old).map(schemaOf)),
      ...approvalErrors(crd, old),
    ],
    warnings: crdWarnings,
  });
}
