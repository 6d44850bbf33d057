import {
  byCodePoint,
  type CelType,
  type JsonObject,
  type SchemaType,
  type StructuralSchema,
  schemaType,
  schemaTypeProvider,
} from '@quarterdeck/machinery';
import { objectAt, objectsAt, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { type ExpressionCompiler, expressionCompiler } from './compile-policy.ts';
import { declarations, variableType } from './variables.ts';

export interface TypedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: StructuralSchema;
}

/** The served kinds, for who checks expressions against them. */
export interface KindSource {
  byResource(group: string, version: string, resource: string): TypedKind | undefined;
  byKind(group: string, version: string, kind: string): TypedKind | undefined;
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

const mostKinds = 10;

/**
 * Checks the validations of a policy against the schemas of the kinds that it names, which at run time are any value. What it
 * finds is for people: it changes nothing of what the policy does. Wildcards are not followed. KA-137c
 */
export function typeCheck(policy: JsonObject, kinds: KindSource): ExpressionWarning[] {
  const spec = objectAt(policy, 'spec');
  const compile = expressionCompiler();
  const checks = kindsOf(spec, kinds).flatMap((kind) => {
    const check = checkAgainst(kind, spec, kinds, compile);
    return check === undefined ? [] : [check];
  });
  if (checks.length === 0) return [];
  return objectsAt(spec, 'validations').flatMap((validation, index) =>
    (['expression', 'messageExpression'] as const).flatMap((field) => {
      const expression = stringAt(validation, field);
      if (expression === '') return [];
      const warning = checks
        .map((check) => check(expression))
        .filter((text) => text !== '')
        .join('\n');
      return warning === '' ? [] : [{ fieldRef: `spec.validations[${index}].${field}`, warning }];
    }),
  );
}

/** Checks an expression; an empty text says that nothing is wrong. */
type Check = (expression: string) => string;

function checkAgainst(
  kind: TypedKind,
  spec: JsonObject,
  kinds: KindSource,
  compile: ExpressionCompiler,
): Check | undefined {
  const object = typeOf(kind);
  if (object === undefined) return undefined;
  const paramKind = paramKindOf(spec, kinds);
  const params = paramKind === undefined ? undefined : typeOf(paramKind);
  const provider = schemaTypeProvider(params === undefined ? [object] : [object, params]);
  const declared = {
    params: params !== undefined,
    authorizer: true,
    types: { object: object.type, provider, ...(params === undefined ? {} : { params: params.type }) },
  };
  const variables = new Map<string, CelType>();
  for (const variable of objectsAt(spec, 'variables')) {
    const compiled = compile(stringAt(variable, 'expression'), declarations({ ...declared, variables }));
    const type = compiled.program?.resultType;
    variables.set(stringAt(variable, 'name'), type === undefined ? { kind: 'dyn' } : variableType(type));
  }
  const name = `${kind.group === '' ? kind.version : `${kind.group}/${kind.version}`}, Kind=${kind.kind}`;
  return (expression) => {
    const { problem } = compile(expression, declarations({ ...declared, variables }));
    return problem === undefined ? '' : `${name}: ${problem.replace(/^compilation failed: /, '')}\n`;
  };
}

function typeOf({ kind, schema }: TypedKind): SchemaType | undefined {
  return schemaType(schema, { name: kind, resourceRoot: true });
}

function paramKindOf(spec: JsonObject, kinds: KindSource): TypedKind | undefined {
  const apiVersion = stringAt(spec, 'paramKind', 'apiVersion');
  const slash = apiVersion.indexOf('/');
  const kind = stringAt(spec, 'paramKind', 'kind');
  return slash < 0
    ? kinds.byKind('', apiVersion, kind)
    : kinds.byKind(apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
}

/** Sorted; rules with a wildcard for a group or version name none. */
function kindsOf(spec: JsonObject, kinds: KindSource): TypedKind[] {
  const found = new Map<string, TypedKind>();
  for (const rule of objectsAt(spec, 'matchConstraints', 'resourceRules')) {
    for (const named of resourcesOf(rule)) {
      const kind = kinds.byResource(...named);
      if (kind === undefined) continue;
      found.set([kind.group, kind.version, kind.kind].join('\u0000'), kind);
      if (found.size === mostKinds) break;
    }
  }
  return [...found].sort(([a], [b]) => byCodePoint(a, b)).map(([, kind]) => kind);
}

function resourcesOf(rule: JsonObject): (readonly [group: string, version: string, resource: string])[] {
  const list = (field: string) => [...stringsAt(rule, field)].sort(byCodePoint);
  const [groups, versions] = [list('apiGroups'), list('apiVersions')];
  if ([...groups, ...versions].some((text) => text.includes('*'))) return [];
  const resources = list('resources').filter((text) => !/[*/]/.test(text));
  return groups.flatMap((group) =>
    versions.flatMap((version) => resources.map((resource) => [group, version, resource] as const)),
  );
}

/** Whether the status of a policy is about an earlier spec. */
export function isUnchecked(policy: JsonObject): boolean {
  const generation = Number(valueAt(policy, 'metadata', 'generation') ?? 0);
  return generation > Number(valueAt(policy, 'status', 'observedGeneration') ?? 0);
}
