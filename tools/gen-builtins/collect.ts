import { join } from 'node:path';
import type { FieldRow, KindRow, MessageRow } from '../../apiserver/src/builtin/tables/table.ts';
import { type GoField, type GoPackage, readGoPackage } from './go-source.ts';
import { groups, openapiDirectory, packages, type SourcePackage } from './kinds.ts';
import { type ComponentFacts, type FieldFacts, readOpenapi } from './openapi-source.ts';
import { type ProtoField, readProto } from './proto-source.ts';

/** All that the generated files say. */
export interface Collected {
  readonly kinds: readonly KindRow[];
  /** By package, then by message name; both sorted. */
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, MessageRow>>;
}

const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const extensions = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1';

/** Messages with a JSON form of their own. */
const specials: ReadonlyMap<string, FieldRow['type']> = new Map<string, FieldRow['type']>([
  [`${meta}.Time`, 'time'],
  [`${meta}.MicroTime`, 'microTime'],
  [`${meta}.Duration`, 'duration'],
  [`${meta}.FieldsV1`, 'fieldsV1'],
  [`${meta}.Verbs`, 'stringList'],
  ['k8s.io.apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['k8s.io.apimachinery.pkg.util.intstr.IntOrString', 'intOrString'],
  ['k8s.io.apimachinery.pkg.runtime.RawExtension', 'rawExtension'],
  ['k8s.io.api.authentication.v1.ExtraValue', 'stringList'],
  ['k8s.io.api.authorization.v1.ExtraValue', 'stringList'],
  ['k8s.io.api.certificates.v1.ExtraValue', 'stringList'],
  [`${extensions}.JSON`, 'json'],
  [`${extensions}.JSONSchemaPropsOrArray`, 'schemaOrArray'],
  [`${extensions}.JSONSchemaPropsOrBool`, 'schemaOrBool'],
  [`${extensions}.JSONSchemaPropsOrStringArray`, 'schemaOrStringArray'],
]);

const scalars = new Set(['string', 'bool', 'int32', 'int64', 'double', 'bytes']);

/** Specials that Go holds as values and always shows, so that a zero has a JSON form. */
const valueSpecials = new Set<FieldRow['type']>(['quantity', 'intOrString', 'duration']);

interface LoadedPackage {
  readonly source: SourcePackage;
  readonly go: GoPackage;
  readonly proto: ReadonlyMap<string, readonly ProtoField[]>;
}

/** Reads the sources and follows every message that a kind reaches. @throws when sources and expectations disagree */
export function collect(moduleCache: string): Collected {
  const collector = new Collector(moduleCache);
  const kinds = groups.flatMap(({ group, version, package: packageName, kinds: names }) =>
    names.map((kind): KindRow => ({ group, version, kind, message: collector.require(packageName, kind) })),
  );
  return { kinds, messages: collector.sorted() };
}

class Collector {
  private readonly packages: ReadonlyMap<string, LoadedPackage>;
  private readonly components: ReadonlyMap<string, ComponentFacts>;
  private readonly messages = new Map<string, MessageRow>();

  constructor(moduleCache: string) {
    this.components = readOpenapi(join(moduleCache, openapiDirectory));
    this.packages = new Map(
      packages.map((source) => {
        const directory = join(moduleCache, source.directory);
        return [source.name, { source, go: readGoPackage(directory), proto: readProto(directory) }];
      }),
    );
  }

  sorted(): Map<string, Map<string, MessageRow>> {
    const byPackage = new Map<string, Map<string, MessageRow>>();
    for (const { name } of packages) {
      const names = [...this.messages.keys()].filter((message) => packageOf(message) === name).sort();
      if (names.length > 0) byPackage.set(name, new Map(names.map((message) => [message, this.message(message)])));
    }
    return byPackage;
  }

  /** Collects a message with all that it reaches, and returns its name in the tables. */
  require(packageName: string, shortName: string, parent?: ComponentFacts): string {
    const name = `${packageName}.${shortName}`;
    if (this.messages.has(name)) return name;
    const { source, go, proto } = this.loaded(packageName);
    const goFields = go.structs.get(shortName);
    const protoFields = proto.get(shortName);
    if (goFields === undefined || protoFields === undefined) throw new Error(`${name} is not in its package`);
    // A struct that only ever is embedded has no component; its fields are published as its parent's.
    const facts = this.components.get(`${source.openapiPrefix}.${shortName}`) ?? parent;
    // Schemas contain schemas: the name must be known before the fields are followed.
    const fields: FieldRow[] = [];
    const mapType = this.components.get(`${source.openapiPrefix}.${shortName}`)?.mapType;
    this.messages.set(name, mapType === undefined ? { fields } : { mapType: asMapType(mapType), fields });
    if (goFields.length !== protoFields.length) throw new Error(`${name}: Go and protobuf have different fields`);
    for (const goField of goFields) {
      const protoField = protoFields.find(({ number }) => number === goField.number);
      if (protoField === undefined) throw new Error(`${name}: no protobuf field ${goField.number}`);
      fields.push(this.field({ goField, protoField, facts, message: name }));
    }
    return name;
  }

  private field(input: {
    goField: GoField;
    protoField: ProtoField;
    facts: ComponentFacts | undefined;
    message: string;
  }): FieldRow {
    const { goField, protoField, facts, message } = input;
    const { type, message: nested } = this.type(protoField.type, facts);
    const isInline = goField.json === '';
    const zero = protoField.label === 'single' && !isInline ? zeroOf(goField, type) : undefined;
    const row: FieldRow = {
      name: isInline ? (nested?.split('.').at(-1) ?? '') : goField.json,
      number: goField.number,
      type,
      ...(nested === undefined ? {} : { message: nested }),
      ...(protoField.label === 'repeated' ? { repeated: true } : {}),
      ...(protoField.label === 'map' ? { map: true } : {}),
      ...(isInline ? { inline: true } : {}),
      ...(zero === undefined ? {} : { zero }),
    };
    if (isInline) return row;
    const fieldFacts = facts?.fields.get(goField.json);
    if (fieldFacts === undefined && facts !== undefined) throw new Error(`${message}.${goField.json} is not published`);
    return { ...row, ...schemaFacts(fieldFacts ?? {}), ...this.enumOf(goField, packageOf(message)) };
  }

  private type(protoType: string, parent: ComponentFacts | undefined): Pick<FieldRow, 'type' | 'message'> {
    if (scalars.has(protoType)) return { type: protoType as FieldRow['type'] };
    const special = specials.get(protoType);
    if (special !== undefined) {
      return special.startsWith('schemaOr')
        ? { type: special, message: this.require('apiextensions.v1', 'JSONSchemaProps') }
        : { type: special };
    }
    const source = packages.find(({ protoPackage }) => protoType.startsWith(`${protoPackage}.`));
    if (source === undefined) throw new Error(`no package is listed for ${protoType}`);
    const shortName = protoType.slice(source.protoPackage.length + 1);
    return { type: 'message', message: this.require(source.name, shortName, parent) };
  }

  /** Enums are facts of Go types: the published documents of the release leave them out. */
  private enumOf({ goType }: GoField, packageName: string): Pick<FieldRow, 'enum'> {
    const typeName = goType.replace(/^(\*|\[\])*/, '');
    const [qualifier, name] = typeName.includes('.') ? typeName.split('.') : [undefined, typeName];
    const owner = qualifier === undefined ? packageName : importedPackage(qualifier);
    const values = owner === undefined ? undefined : this.packages.get(owner)?.go.enums.get(name ?? '');
    return values === undefined || values.length === 0 ? {} : { enum: values.toSorted() };
  }

  private loaded(packageName: string): LoadedPackage {
    const loaded = this.packages.get(packageName);
    if (loaded === undefined) throw new Error(`no package ${packageName} is listed`);
    return loaded;
  }

  private message(name: string): MessageRow {
    const message = this.messages.get(name);
    if (message === undefined) throw new Error(`no message ${name}`);
    return message;
  }
}

/** Go's imports of API packages have regular names: `corev1`, `metav1`, `v1` for core in older ones. */
function importedPackage(qualifier: string): string | undefined {
  if (qualifier === 'v1') return 'core.v1';
  const [, group] = /^(\w+)v1$/.exec(qualifier) ?? [];
  return group === undefined ? undefined : `${group}.v1`;
}

/** See ProtobufField.zero; undefined is the default, omit. */
function zeroOf({ goType, omitEmpty }: GoField, type: FieldRow['type']): 'keep' | 'always' | undefined {
  if (goType.startsWith('*')) return 'keep';
  if (type === 'bytes') return omitEmpty ? undefined : 'keep';
  if (type === 'message' || valueSpecials.has(type)) return 'always';
  return scalars.has(type) && !omitEmpty ? 'always' : undefined;
}

function schemaFacts(facts: FieldFacts): Partial<FieldRow> {
  const { required, default: value, listType, listMapKeys, mapType, patchStrategy, patchMergeKey } = facts;
  return {
    ...(required === undefined ? {} : { required }),
    ...(value === undefined ? {} : { default: value }),
    ...(listType === undefined ? {} : { listType: asListType(listType) }),
    ...(listMapKeys === undefined ? {} : { listMapKeys }),
    ...(mapType === undefined ? {} : { mapType: asMapType(mapType) }),
    ...(patchStrategy === undefined ? {} : { patchStrategy }),
    ...(patchMergeKey === undefined ? {} : { patchMergeKey }),
  };
}

function asListType(text: string): 'atomic' | 'set' | 'map' {
  if (text === 'atomic' || text === 'set' || text === 'map') return text;
  throw new Error(`unknown list type ${text}`);
}

function asMapType(text: string): 'granular' | 'atomic' {
  if (text === 'granular' || text === 'atomic') return text;
  throw new Error(`unknown map type ${text}`);
}

/** `core.v1` of `core.v1.PodSpec`. */
function packageOf(message: string): string {
  return message.split('.').slice(0, 2).join('.');
}
