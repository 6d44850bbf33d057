import type { FieldError } from '@quarterdeck/apis';
import {
  dns1123SubdomainProblems,
  equalValues,
  forbidden,
  invalidValue,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  requiredValue,
  unsupportedValue,
} from '@quarterdeck/machinery';
import { objectAt, stringAt, stringsAt, valueAt } from '../registry/fields.ts';
import { bundleErrors, conversionErrors } from './conversion/validate.ts';
import { labelErrors, nameErrors, specNameErrors } from './crd-names.ts';
import {
  builtinGroups,
  crdCondition,
  crdName,
  groupOf,
  isConditionTrue,
  namesAt,
  schemaOf,
  sharedPart,
  versionsOf,
} from './crd-object.ts';
import type { RuleCheck } from './crd-rules.ts';
import { schemaErrors } from './crd-schema.ts';
import {
  columnErrors,
  columnsOf,
  deprecationErrors,
  selectableFieldErrors,
  selectableFieldsOf,
  subresourceErrors,
} from './crd-version.ts';

/**
 * Everything that must hold of a CRD by itself, in Kubernetes' words and order. What all versions say alike is reported
 * once, under `spec.validation`, `spec.subresources` and so on, as Kubernetes does. KA-94, KA-96, KA-106, KA-107
 */
export function crdErrors(crd: JsonObject, check: RuleCheck): FieldError[] {
  return [
    ...objectNameErrors(crd),
    ...groupErrors(groupOf(crd)),
    ...scopeErrors(stringAt(crd, 'spec', 'scope')),
    ...missingSchemaErrors(crd),
    ...versionsOf(crd).flatMap((version, index) => versionErrors(crd, version, index, check)),
    ...versionListErrors(crd),
    ...specNameErrors(namesAt(crd, 'spec', 'names'), 'spec.names'),
    ...sharedErrors(crd, check),
    ...conversionErrors(objectAt(crd, 'spec', 'conversion')),
    ...nameErrors(namesAt(crd, 'status', 'acceptedNames'), 'status.acceptedNames'),
    ...storedVersionErrors(crd),
    ...preserveErrors(crd),
  ];
}

/** What may not change, and only that. KA-94 */
export function crdChangeErrors(crd: JsonObject, old: JsonObject): FieldError[] {
  const isEstablished = isConditionTrue(old, crdCondition.established);
  const fixed = [...(isEstablished ? [['scope'], ['names', 'kind']] : []), ['group'], ['names', 'plural']];
  const conversionOf = (of: JsonObject) => objectAt(of, 'spec', 'conversion');
  return [
    ...fixed
      .filter((path) => !equalValues(valueAt(crd, 'spec', ...path), valueAt(old, 'spec', ...path)))
      .map((path) => invalidValue(`spec.${path.join('.')}`, valueAt(crd, 'spec', ...path) ?? '', 'field is immutable')),
    ...(isEstablished ? bundleErrors(conversionOf(crd), conversionOf(old)) : []),
  ];
}

function objectNameErrors(crd: JsonObject): FieldError[] {
  const name = crdName(crd);
  if (name === `${stringAt(crd, 'spec', 'names', 'plural')}.${groupOf(crd)}`) return [];
  return [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function groupErrors(group: string): FieldError[] {
  if (group === '') return [requiredValue('spec.group')];
  const problems = dns1123SubdomainProblems(group);
  if (problems.length > 0) return [invalidValue('spec.group', group, problems.join(','))];
  if (!group.includes('.')) return [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
  return builtinGroups.has(group) ? [forbidden('spec.group', `${group} is a group of built-in kinds`)] : [];
}

function scopeErrors(scope: string): FieldError[] {
  if (scope === '') return [requiredValue('spec.scope')];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [unsupportedValue('spec.scope', scope, scopes)];
}

function missingSchemaErrors(crd: JsonObject): FieldError[] {
  return versionsOf(crd).flatMap((version, index) =>
    schemaOf(version) === undefined ? [requiredValue(`spec.versions[${index}].schema.openAPIV3Schema`)] : [],
  );
}

const hasStatus = (version: JsonObject) => isJsonObject(valueAt(version, 'subresources', 'status'));

/** What the versions do not say alike. */
function versionErrors(crd: JsonObject, version: JsonObject, index: number, check: RuleCheck): FieldError[] {
  const path = `spec.versions[${index}]`;
  const own = (key: string) => sharedPart(crd, key) === undefined;
  const schema = schemaOf(version) ?? {};
  return [
    ...labelErrors(stringAt(version, 'name'), `${path}.name`, true),
    ...deprecationErrors(version, path),
    ...(own('schema') && schemaOf(version) !== undefined
      ? schemaErrors(schema, `${path}.schema`, { ...check, hasStatus: hasStatus(version) })
      : []),
    ...(own('subresources') ? subresourceErrors(objectAt(version, 'subresources'), `${path}.subresources`) : []),
    ...(own('additionalPrinterColumns') ? columnListErrors(version, `${path}.additionalPrinterColumns`) : []),
    ...(own('selectableFields')
      ? selectableFieldErrors(selectableFieldsOf(version), schema, `${path}.selectableFields`)
      : []),
  ];
}

/** What the versions say alike. */
function sharedErrors(crd: JsonObject, check: RuleCheck): FieldError[] {
  const [version] = versionsOf(crd);
  if (version === undefined) return [];
  const shared = (key: string) => sharedPart(crd, key) !== undefined;
  const schema = schemaOf(version);
  return [
    ...(shared('schema') && schema !== undefined
      ? schemaErrors(schema, 'spec.validation', { ...check, hasStatus: versionsOf(crd).some(hasStatus) })
      : []),
    ...(shared('subresources') ? subresourceErrors(objectAt(version, 'subresources'), 'spec.subresources') : []),
    ...(shared('additionalPrinterColumns') ? columnListErrors(version, 'spec.additionalPrinterColumns') : []),
    ...(shared('selectableFields')
      ? selectableFieldErrors(selectableFieldsOf(version), schema ?? {}, 'spec.selectableFields')
      : []),
  ];
}

const columnListErrors = (version: JsonObject, path: string) =>
  columnsOf(version).flatMap((column, index) => columnErrors(column, `${path}[${index}]`));

function versionListErrors(crd: JsonObject): FieldError[] {
  const versions = versionsOf(crd);
  const names = versions.map((version) => stringAt(version, 'name'));
  const shown = (): JsonValue =>
    versions.map(({ name = '', served = false, storage = false }) => ({ name, served, storage }));
  const errors: FieldError[] = [];
  if (new Set(names).size < names.length) {
    errors.push(invalidValue('spec.versions', shown(), 'must contain unique version names'));
  }
  if (versions.filter((version) => version.storage === true).length !== 1) {
    errors.push(invalidValue('spec.versions', shown(), 'must have exactly one version marked as storage version'));
  }
  return errors;
}

/** A version whose objects may still be stored cannot leave. KA-95 */
function storedVersionErrors(crd: JsonObject): FieldError[] {
  const stored = stringsAt(crd, 'status', 'storedVersions');
  const path = 'status.storedVersions';
  if (stored.length === 0) return [invalidValue(path, null, 'must have at least one stored version')];
  const versions = versionsOf(crd);
  const names = versions.map((version) => stringAt(version, 'name'));
  const unlisted = versions
    .filter((version) => version.storage === true && !stored.includes(stringAt(version, 'name')))
    .map((version) => invalidValue(path, [...stored], `must have the storage version ${stringAt(version, 'name')}`));
  const gone = stored.flatMap((name, index) => {
    if (names.includes(name)) return [];
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    return [invalidValue(`${path}[${index}]`, name, why)];
  });
  return [...unlisted, ...gone];
}

function preserveErrors(crd: JsonObject): FieldError[] {
  if (valueAt(crd, 'spec', 'preserveUnknownFields') !== true) return [];
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalidValue('spec.preserveUnknownFields', true, why)];
}
