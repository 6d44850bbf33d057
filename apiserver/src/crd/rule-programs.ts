import { createHash } from 'node:crypto';
import {
  boolType,
  type CelEnvironment,
  type CelProgram,
  type CelType,
  type Compilation,
  encodeJson,
  type JsonObject,
  kubernetesCelEnvironment,
  optionalType,
  printType,
  type SchemaType,
  type StructuralSchema,
  schemaType,
  schemaTypeProvider,
  sizeInSchema,
  type ValidationRule,
} from '@quarterdeck/machinery';

/** A rule of a schema, ready to run, or why it cannot. KA-101c */
export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Absent where the rule is blank or does not compile. */
  readonly program?: CelProgram;
  /** In Kubernetes' words. */
  readonly problem?: string;
  /** Absent where there is no message expression, or it does not compile. */
  readonly message?: CelProgram;
  readonly messageProblem?: string;
  /** A transition rule: it compares with the value before the write. KA-104 */
  readonly usesOldSelf: boolean;
  /** Worst cases in CEL's units; 0 for what did not compile. */
  readonly estimate: number;
  readonly messageEstimate: number;
}

/** The part of a schema that carries rules, here or further in. */
export interface RuledSchema {
  readonly schema: StructuralSchema;
  /** Undefined: expressions cannot see values of this schema, and no rule can stand here. */
  readonly type: SchemaType | undefined;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuledSchema>;
  readonly items?: RuledSchema;
  readonly values?: RuledSchema;
}

/** Compiles the rules of schemas. Equal schemas share their programs: one compiler may serve any number of servers. */
export interface RuleCompiler {
  /** @returns undefined for a schema without rules */
  compile(schema: StructuralSchema): RuledSchema | undefined;
}

/** Versions of CRDs that are kept compiled beyond those that are served. */
const mostKept = 256;

export function createRuleCompiler(): RuleCompiler {
  const byIdentity = new WeakMap<StructuralSchema, RuledSchema | null>();
  const byContent = new Map<string, RuledSchema | null>();
  let environment: CelEnvironment | undefined;
  const compile = (schema: StructuralSchema): RuledSchema | null => {
    environment ??= kubernetesCelEnvironment();
    return ruledSchema(schema, true, environment) ?? null;
  };
  const shared = (schema: StructuralSchema): RuledSchema | null => {
    const content = createHash('sha256')
      .update(encodeJson(schema as unknown as JsonObject))
      .digest('base64');
    const known = byContent.get(content);
    const compiled = known === undefined ? compile(schema) : known;
    byContent.delete(content);
    byContent.set(content, compiled);
    const [oldest] = byContent.keys();
    if (byContent.size > mostKept && oldest !== undefined) byContent.delete(oldest);
    return compiled;
  };
  return {
    compile(schema) {
      let compiled = byIdentity.get(schema);
      if (compiled === undefined) {
        compiled = shared(schema);
        byIdentity.set(schema, compiled);
      }
      return compiled ?? undefined;
    },
  };
}

function ruledSchema(
  schema: StructuralSchema,
  isObject: boolean,
  environment: CelEnvironment,
): RuledSchema | undefined {
  const below = (child: StructuralSchema) =>
    ruledSchema(child, child['x-kubernetes-embedded-resource'] === true, environment);
  const properties = new Map<string, RuledSchema>();
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const ruled = below(child);
    if (ruled !== undefined) properties.set(name, ruled);
  }
  const items = schema.items === undefined ? undefined : below(schema.items);
  const { additionalProperties } = schema;
  const values = typeof additionalProperties === 'object' ? below(additionalProperties) : undefined;
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0 && properties.size === 0 && items === undefined && values === undefined) return undefined;
  const type = rules.length === 0 ? undefined : schemaType(schema, { name: 'selfType', resourceRoot: isObject });
  return {
    schema,
    type,
    rules: type === undefined ? [] : rules.map((rule) => compileRule(rule, type, environment)),
    properties,
    ...(items === undefined ? {} : { items }),
    ...(values === undefined ? {} : { values }),
  };
}

const notCompiled = { usesOldSelf: false, estimate: 0, messageEstimate: 0 };

function compileRule(rule: ValidationRule, self: SchemaType, environment: CelEnvironment): CompiledRule {
  if (rule.rule.trim() === '') return { rule, ...notCompiled };
  const compile = (source: string, resultType?: CelType): Compilation =>
    environment.compile(source, {
      variables: { self: self.type, oldSelf: rule.optionalOldSelf === true ? optionalType(self.type) : self.type },
      provider: schemaTypeProvider([self]),
      sizeOfPath: sizeInSchema(self),
      ...(resultType === undefined ? {} : { resultType }),
    });
  const compiled = compile(rule.rule, boolType);
  if (!compiled.ok) return { rule, problem: compiled.problem, ...notCompiled };
  return {
    rule,
    program: compiled.program,
    usesOldSelf: compiled.program.reads.has('oldSelf'),
    estimate: compiled.estimatedCost.max,
    ...compileMessage(rule.messageExpression ?? '', compile),
  };
}

function compileMessage(
  expression: string,
  compile: (source: string) => Compilation,
): Pick<CompiledRule, 'message' | 'messageProblem' | 'messageEstimate'> {
  if (expression === '') return { messageEstimate: 0 };
  const compiled = compile(expression);
  if (!compiled.ok) {
    const problem = compiled.problem.replace(/^program /, '');
    return { messageProblem: `messageExpression ${problem}`, messageEstimate: 0 };
  }
  if (printType(compiled.program.resultType) !== 'string') {
    return { messageProblem: 'messageExpression must evaluate to a string', messageEstimate: 0 };
  }
  return { message: compiled.program, messageEstimate: compiled.estimatedCost.max };
}
