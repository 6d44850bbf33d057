import type { z } from 'zod';
import type { KubeObject } from '../meta/object.ts';
import type { ResourceType, Scope } from '../meta/resource.ts';

/** A column of `kubectl get`. KA-107 */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  /** 0 (default) always, 1 with `-o wide`. */
  readonly priority?: number;
}

/** One version of a kind. Its schema holds the fields beside apiVersion, kind and metadata. */
export interface KindVersion<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly served: boolean;
  /** Exactly one version of a kind is stored. */
  readonly storage: boolean;
  readonly schema: Schema;
  /** `['status']` separates spec and status writes (KA-64); `[]` makes the object one whole. */
  readonly subresources: readonly 'status'[];
  /** In the order shown. */
  readonly columns: readonly PrinterColumn[];
  /** JSON paths usable in field selectors beside name and namespace. Default none. */
  readonly selectableFields?: readonly string[];
}

/** Bounds on `metadata.name` beyond the usual object-name rules: the only metadata that a CRD may restrict. KA-96 */
export interface NameRule {
  readonly maxLength: number;
  /** RE2, anchored by itself. */
  readonly pattern: string;
}

interface KindInput<Schema extends z.ZodObject> {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  /** Default none. */
  readonly shortNames?: readonly string[];
  /** Default none. */
  readonly categories?: readonly string[];
  readonly scope: Scope;
  /** What one object of the kind says; shown by `kubectl explain`. */
  readonly description: string;
  readonly versions: readonly KindVersion<Schema>[];
  /** Default: none beyond those of every object. */
  readonly nameRule?: NameRule;
  /** Labels and annotations of the CRD object itself. Default none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Everything about one kind, from which its CRD is generated. As a ResourceType it names the storage version. */
export interface KindDefinition<T extends KubeObject = KubeObject> extends ResourceType<T> {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly description: string;
  readonly versions: readonly KindVersion[];
  readonly nameRule: NameRule | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The object type of a kind or resource: `type Placement = ObjectOf<typeof Placement>`. */
export type ObjectOf<R extends ResourceType<KubeObject>> = NonNullable<R['$object']>;

/**
 * Declares a kind once. The object type is that of the storage version as a server returns it: fields with a default
 * are present.
 * @throws Error when the versions do not have exactly one storage version: a mistake in the program
 */
export function defineKind<const Schema extends z.ZodObject>(
  input: KindInput<Schema>,
): KindDefinition<KubeObject & z.output<Schema>> {
  const stored = input.versions.filter((version) => version.storage);
  const [storage] = stored;
  if (storage === undefined || stored.length > 1) {
    throw new Error(`${input.kind}: ${stored.length} storage versions, want 1`);
  }
  return Object.freeze({
    group: input.group,
    version: storage.name,
    kind: input.kind,
    plural: input.plural,
    scope: input.scope,
    singular: input.singular,
    listKind: `${input.kind}List`,
    shortNames: input.shortNames ?? [],
    categories: input.categories ?? [],
    description: input.description,
    versions: input.versions,
    nameRule: input.nameRule,
    labels: input.labels ?? {},
    annotations: input.annotations ?? {},
  });
}

/**
 * The same kind at another served version, for clients that must speak it.
 * @throws Error when the kind has no such version: a mistake in the program
 */
export function atVersion<T extends KubeObject>(kind: KindDefinition<T>, version: string): ResourceType<T> {
  if (!kind.versions.some(({ name, served }) => served && name === version)) {
    throw new Error(`${kind.kind} is not served at ${version}`);
  }
  const { group, kind: name, plural, scope } = kind;
  return Object.freeze({ group, version, kind: name, plural, scope });
}
