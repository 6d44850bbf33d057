import { apiVersionOf, type Scope } from '@quarterdeck/apis';
import {
  goJson,
  type JsonObject,
  parseJsonPath,
  parseStructural,
  type StructuralSchema,
  withObjectFrame,
} from '@quarterdeck/machinery';
import { allVerbs } from '../builtin/data-kind.ts';
import type {
  Conversion,
  ResourceDefinition,
  SelectableField,
  Strategy,
  Subresource,
  VersionDefinition,
} from '../registry/definition.ts';
import { objectAt, stringAt, stringsAt, valueAt } from '../registry/fields.ts';
import { compareVersions } from '../registry/order.ts';
import type { WebhookCaller } from '../webhook/caller.ts';
import { webhookConversion } from './conversion/webhook.ts';
import { customColumns } from './crd-columns.ts';
import {
  crdCondition,
  groupOf,
  isConditionTrue,
  isTerminating,
  namesAt,
  schemaOf,
  storageVersionOf,
  versionsOf,
} from './crd-object.ts';
import { scaleErrors } from './crd-scale.ts';
import type { CrdOptions } from './crd-strategy.ts';
import { selectableFieldsOf } from './crd-version.ts';
import type { RuleCompiler } from './rule-programs.ts';
import { checkRules } from './run-rules.ts';

export interface CrdDefinitionOptions extends CrdOptions {
  readonly webhooks: WebhookCaller;
}

/**
 * What a CRD makes of the API: the definition of its kind, under its accepted names. A terminating CRD takes no new
 * instances (405), and serves its storage version in any case, so that the last ones can be deleted. KA-95, KA-106 to
 * KA-108
 *
 * @param crd as stored: completed and valid
 * @returns undefined while its names are not accepted
 */
export function definitionOf(crd: JsonObject, options: CrdDefinitionOptions): ResourceDefinition | undefined {
  if (![crdCondition.established, crdCondition.namesAccepted].some((type) => isConditionTrue(crd, type)))
    return undefined;
  const names = namesAt(crd, 'status', 'acceptedNames');
  const storageVersion = storageVersionOf(crd);
  if (names.plural === '' || names.kind === '' || storageVersion === undefined) return undefined;
  const group = groupOf(crd);
  const terminating = isTerminating(crd);
  const versions = [...versionsOf(crd)].sort((a, b) => compareVersions(stringAt(a, 'name'), stringAt(b, 'name')));
  const schemas = new Map<string, VersionRules>();
  const definitions = versions.map((version): VersionDefinition => {
    const name = stringAt(version, 'name');
    const own = parseStructural(schemaOf(version) ?? {});
    schemas.set(apiVersionOf({ group, version: name }), { version, schema: own });
    const served = version.served === true || (terminating && name === storageVersion);
    return versionDefinition(version, {
      group,
      kind: names.kind,
      served,
      schema: own,
      better: successorOf(version, versions),
    });
  });
  return Object.freeze<ResourceDefinition>({
    group,
    plural: names.plural,
    singular: names.singular,
    kind: names.kind,
    listKind: names.listKind,
    scope: stringAt(crd, 'spec', 'scope') as Scope,
    shortNames: names.shortNames,
    categories: names.categories,
    versions: definitions,
    storageVersion,
    origin: 'custom',
    ...(isConditionTrue(crd, crdCondition.established) ? {} : { unannounced: true as const }),
    verbs: terminating ? allVerbs.filter((verb) => verb !== 'create') : allVerbs,
    strategy: customStrategy(schemas, options.ruleCompiler),
    selectableFields: selectableFields(versions),
    ...(versions.length > 1 ? { conversion: conversionOf(crd, storageVersion, options.webhooks) } : {}),
  });
}

function conversionOf(crd: JsonObject, storageVersion: string, webhooks: WebhookCaller): Conversion {
  const conversion = objectAt(crd, 'spec', 'conversion');
  const [oldest = storageVersion] = stringsAt(crd, 'status', 'storedVersions');
  const unnamed = apiVersionOf({ group: groupOf(crd), version: oldest });
  if (conversion.strategy !== 'Webhook') return { unnamed };
  return { unnamed, webhook: webhookConversion(conversion, webhooks) };
}

interface VersionRules {
  readonly version: JsonObject;
  readonly schema: StructuralSchema;
}

interface VersionContext {
  readonly group: string;
  readonly kind: string;
  readonly served: boolean;
  readonly schema: StructuralSchema;
  /** The version to use instead of a deprecated one; undefined where there is none. */
  readonly better: string | undefined;
}

/** The most preferred version before this one that is served and not deprecated. `versions` stand in that order. */
function successorOf(version: JsonObject, versions: readonly JsonObject[]): string | undefined {
  const before = versions.slice(0, versions.indexOf(version));
  const better = before.find(({ served, deprecated }) => served === true && deprecated !== true);
  return better === undefined ? undefined : stringAt(better, 'name');
}

function versionDefinition(version: JsonObject, context: VersionContext): VersionDefinition {
  const { group, kind, served, schema, better } = context;
  const name = stringAt(version, 'name');
  const advice = better === undefined ? '' : `; use ${group}/${better} ${kind}`;
  const warning = stringAt(version, 'deprecationWarning') || `${group}/${name} ${kind} is deprecated${advice}`;
  return Object.freeze<VersionDefinition>({
    name,
    served,
    ...(version.deprecated === true ? { deprecationWarning: warning } : {}),
    schema: withObjectFrame(schema),
    columns: customColumns(version),
    subresources: subresources(objectAt(version, 'subresources')),
  });
}

function subresources(said: JsonObject): Readonly<Record<string, Subresource>> {
  const scale = objectAt(said, 'scale');
  const labelSelectorPath = stringAt(scale, 'labelSelectorPath');
  const has = (name: string) => valueAt(said, name) !== undefined && valueAt(said, name) !== null;
  return {
    ...(has('status') ? { status: { type: 'status' } } : {}),
    ...(has('scale')
      ? {
          scale: {
            type: 'scale',
            specReplicasPath: stringAt(scale, 'specReplicasPath'),
            statusReplicasPath: stringAt(scale, 'statusReplicasPath'),
            ...(labelSelectorPath === '' ? {} : { labelSelectorPath }),
          },
        }
      : {}),
  };
}

/** The selectable fields of all versions; where versions convert by name only, a path has the same value in each. KA-107 */
function selectableFields(versions: readonly JsonObject[]): SelectableField[] {
  const paths = new Set(
    versions.flatMap((version) => selectableFieldsOf(version).map((field) => stringAt(field, 'jsonPath'))),
  );
  return [...paths].map((jsonPath) => {
    const find = parseJsonPath(jsonPath);
    return {
      path: jsonPath.replace(/^\./, ''),
      versions: versions
        .filter((version) => selectableFieldsOf(version).some((field) => stringAt(field, 'jsonPath') === jsonPath))
        .map((version) => stringAt(version, 'name')),
      value: (object) => {
        const [value] = typeof find === 'function' ? find(object) : [];
        if (value === undefined || value === null) return '';
        return typeof value === 'string' ? value : goJson(value);
      },
    };
  });
}

/** Rules are compiled when the first object comes: many kinds are installed and never used. */
function customStrategy(versions: ReadonlyMap<string, VersionRules>, compiler: RuleCompiler): Strategy {
  return Object.freeze<Strategy>({
    hasGeneration: true,
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    rules(object, old, found, warn) {
      const version = versions.get(stringAt(object, 'apiVersion'));
      if (version === undefined) return [];
      const scale = scaleErrors(object, version.version);
      const rules = compiler.compile(version.schema);
      return rules === undefined ? scale : [...scale, ...checkRules({ object, old, found, warn }, rules)];
    },
  });
}
