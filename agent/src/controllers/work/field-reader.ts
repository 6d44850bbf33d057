import {
  beginningOf,
  type CelEnvironment,
  type CelProgram,
  dynType,
  fromJson,
  type JsonObject,
  type JsonValue,
  kubernetesCelEnvironment,
  toJson,
} from '@quarterdeck/machinery';

/** Reads a field of a live object by an expression in CEL. Total: what is wrong with it is its answer. DL-23 */
export type FieldReader = (
  expression: string,
  object: JsonObject,
) => { readonly value: JsonValue } | { readonly error: string };

/** One evaluation may not take longer than this much work, as for health rules. */
const costLimit = 100_000;
const maxError = 256;
const maxKept = 1_000;

/** Expressions are compiled once and kept, since reports are made often. */
export function createFieldReader(): FieldReader {
  let environment: CelEnvironment | undefined;
  const programs = new Map<string, CelProgram | { readonly error: string }>();
  const programOf = (expression: string) => {
    const known = programs.get(expression);
    if (known !== undefined) return known;
    environment ??= kubernetesCelEnvironment();
    const compiled = environment.compile(expression, { variables: { object: dynType } });
    const program = compiled.ok ? compiled.program : failure('the expression cannot be read', compiled.problem);
    if (programs.size >= maxKept) programs.clear();
    programs.set(expression, program);
    return program;
  };
  return (expression, object) => {
    const program = programOf(expression);
    if ('error' in program) return program;
    try {
      return { value: toJson(program.evaluate({ object: fromJson(object) }, { costLimit }).value) };
    } catch (error) {
      return failure('the expression failed', error instanceof Error ? error.message : String(error));
    }
  };
}

const failure = (what: string, why: string) => ({ error: beginningOf(`${what}: ${why}`, maxError) });
