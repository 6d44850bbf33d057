import {
  authorizerType,
  boolType,
  type CelType,
  type CompileOptions,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  resourceCheckType,
  stringType,
  timestampType,
} from '@quarterdeck/machinery';

/** What expressions of admission policies may name, and the types of it. KA-137b */

export type TypeProvider = NonNullable<CompileOptions['provider']>;

type Fields = ReadonlyMap<string, CelType>;

const fieldsOf = (fields: Record<string, CelType>): Fields => new Map(Object.entries(fields));
const texts = listType(stringType);

const objectTypes: ReadonlyMap<string, Fields> = new Map([
  ['kubernetes.GroupVersionKind', fieldsOf({ group: stringType, version: stringType, kind: stringType })],
  ['kubernetes.GroupVersionResource', fieldsOf({ group: stringType, version: stringType, resource: stringType })],
  [
    'kubernetes.UserInfo',
    fieldsOf({ username: stringType, uid: stringType, groups: texts, extra: mapType(stringType, texts) }),
  ],
  [
    'kubernetes.AdmissionRequest',
    fieldsOf({
      kind: objectType('kubernetes.GroupVersionKind'),
      resource: objectType('kubernetes.GroupVersionResource'),
      subResource: stringType,
      requestKind: objectType('kubernetes.GroupVersionKind'),
      requestResource: objectType('kubernetes.GroupVersionResource'),
      requestSubResource: stringType,
      name: stringType,
      namespace: stringType,
      operation: stringType,
      userInfo: objectType('kubernetes.UserInfo'),
      dryRun: boolType,
      options: dynType,
    }),
  ],
  [
    'kubernetes.NamespaceMetadata',
    fieldsOf({
      name: stringType,
      generateName: stringType,
      namespace: stringType,
      labels: mapType(stringType, stringType),
      annotations: mapType(stringType, stringType),
      UID: stringType,
      creationTimestamp: timestampType,
      deletionGracePeriodSeconds: intType,
      deletionTimestamp: timestampType,
      generation: intType,
      resourceVersion: stringType,
      finalizers: texts,
    }),
  ],
  ['kubernetes.NamespaceSpec', fieldsOf({ finalizers: texts })],
  [
    'kubernetes.NamespaceCondition',
    fieldsOf({
      status: stringType,
      type: stringType,
      lastTransitionTime: timestampType,
      message: stringType,
      reason: stringType,
    }),
  ],
  [
    'kubernetes.NamespaceStatus',
    fieldsOf({ conditions: listType(objectType('kubernetes.NamespaceCondition')), phase: stringType }),
  ],
  [
    'kubernetes.Namespace',
    fieldsOf({
      metadata: objectType('kubernetes.NamespaceMetadata'),
      spec: objectType('kubernetes.NamespaceSpec'),
      status: objectType('kubernetes.NamespaceStatus'),
    }),
  ],
]);

const variablesName = 'kubernetes.variables';

export interface Declared {
  /** The policy names a kind of parameters. */
  readonly params: boolean;
  /** Messages may not ask what the user may do. */
  readonly authorizer: boolean;
  /** The policy's own variables that come before the expression; undefined where none are known at all. */
  readonly variables?: ReadonlyMap<string, CelType>;
  /** Known types, where an expression is checked against one kind; default: anything goes. */
  readonly types?: { readonly object: CelType; readonly params?: CelType; readonly provider: TypeProvider };
}

/** The variables of an expression, for the compiler. */
export function declarations({ params, authorizer, variables, types }: Declared): CompileOptions {
  const object = types?.object ?? dynType;
  return {
    variables: {
      object,
      oldObject: object,
      request: objectType('kubernetes.AdmissionRequest'),
      namespaceObject: objectType('kubernetes.Namespace'),
      ...(params ? { params: types?.params ?? dynType } : {}),
      ...(authorizer ? { authorizer: authorizerType, 'authorizer.requestResource': resourceCheckType } : {}),
      ...(variables === undefined ? {} : { variables: objectType(variablesName) }),
    },
    provider: {
      fieldsOf: (name) =>
        name === variablesName ? variables : (objectTypes.get(name) ?? types?.provider.fieldsOf(name)),
    },
  };
}

/** What later expressions know of a variable's type: plain values, lists and maps of such; anything else is any value. */
export function variableType(type: CelType): CelType {
  switch (type.kind) {
    case 'list':
      return listType(variableType(type.element));
    case 'map':
      return mapType(variableType(type.key), variableType(type.value));
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'string':
    case 'bytes':
    case 'null':
    case 'timestamp':
    case 'duration':
      return type;
    default:
      return dynType;
  }
}
