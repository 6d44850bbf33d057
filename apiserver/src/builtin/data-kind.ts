import type { Scope } from '@quarterdeck/apis';
import type { JsonObject, StructuralSchema } from '@quarterdeck/machinery';
import type {
  Column,
  ResourceDefinition,
  SelectableField,
  StoredView,
  Strategy,
  Subresource,
  Verb,
} from '../registry/definition.ts';
import { ageColumn, nameColumn } from './columns.ts';
import { builtinMessage, builtinSchema } from './tables/index.ts';
import { zeroFill } from './zeros.ts';

/** What a built-in kind says of itself; everything left out is the usual. */
export interface DataKind {
  readonly group: string;
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly scope: Scope;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Default: all. */
  readonly verbs?: readonly Verb[];
  readonly subresources?: Readonly<Record<string, Subresource>>;
  /** Between Name and Age. Default: none. */
  readonly columns?: readonly Column[];
  /** Replaces Name, `columns` and Age altogether. */
  readonly allColumns?: readonly Column[];
  readonly selectableFields?: readonly SelectableField[];
  readonly strategy?: Partial<Strategy>;
  /** Default: the published schema of the kind. */
  readonly schema?: StructuralSchema;
  readonly storedAs?: StoredView;
}

export const allVerbs: readonly Verb[] = Object.freeze([
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]);

/** What a client may change in metadata at all: where a write of the status may change none of it. KA-64 */
export const allMetadata: readonly string[] = Object.freeze(['labels', 'annotations', 'finalizers', 'ownerReferences']);

export const status: Subresource = Object.freeze({ type: 'status' });

/** Core, RBAC and CSR kinds: last write wins without a resourceVersion, a PUT does not create. KA-55 */
const usualStrategy: Strategy = Object.freeze({
  hasGeneration: false,
  allowCreateOnUpdate: false,
  allowUnconditionalUpdate: true,
});

/** A definition of one built-in kind, immutable and shared by every server in the process. KA-4 */
export function dataKind(kind: DataKind): ResourceDefinition {
  const version = kind.version ?? 'v1';
  const strategy = Object.freeze({ ...usualStrategy, ...withZeros(kind, version) });
  return Object.freeze({
    group: kind.group,
    plural: kind.plural,
    singular: kind.singular ?? kind.kind.toLowerCase(),
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    scope: kind.scope,
    shortNames: kind.shortNames ?? [],
    categories: kind.categories ?? [],
    versions: [
      Object.freeze({
        name: version,
        served: true,
        // Built when it is asked for first: few servers are asked for all of their kinds.
        get schema() {
          return kind.schema ?? builtinSchema(kind.group, version, kind.kind);
        },
        columns: kind.allColumns ?? [nameColumn, ...(kind.columns ?? []), ageColumn],
        subresources: kind.subresources ?? {},
      }),
    ],
    storageVersion: version,
    origin: 'builtin',
    verbs: kind.verbs ?? allVerbs,
    strategy,
    selectableFields: kind.selectableFields ?? [],
    ...(kind.storedAs === undefined ? {} : { storedAs: kind.storedAs }),
  });
}

/** The kind's own hooks, after which what Go always writes is there. */
function withZeros(kind: DataKind, version: string): Partial<Strategy> {
  const { strategy = {} } = kind;
  if (kind.schema !== undefined || strategy.answer !== undefined) return strategy;
  const { complete, prepareForCreate } = strategy;
  let fill: ((object: JsonObject) => JsonObject) | undefined;
  const zeros = (object: JsonObject): JsonObject => {
    fill ??= zeroFill(builtinMessage(kind.group, version, kind.kind)) ?? unchanged;
    return fill(object);
  };
  return {
    ...strategy,
    complete: (object) => zeros(complete?.(object) ?? object),
    prepareForCreate: (object, context) => zeros(prepareForCreate?.(object, context) ?? object),
  };
}

const unchanged = (object: JsonObject): JsonObject => object;
