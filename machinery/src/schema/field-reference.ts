import type { StructuralSchema } from './structural.ts';

export interface FieldReference {
  /** Names on the way; `isKey` marks keys of maps. */
  readonly steps: readonly { readonly name: string; readonly isKey: boolean }[];
  /** As field errors write it: `spec.labels[app]`. */
  readonly text: string;
  /** The schema of the field; undefined below `additionalProperties: true`. */
  readonly schema: StructuralSchema | undefined;
}

export interface FieldReferenceOptions {
  /** Whether `['name']` may stand for `.name`. Default true. */
  readonly brackets?: boolean;
}

/**
 * Resolves a path such as `.spec.labels['app']`, as `fieldPath` of CEL rules and selectable fields write it, against a
 * schema. KA-101, KA-107
 * @returns the field, or the problem in Kubernetes' words
 */
export function resolveFieldPath(
  path: string,
  schema: StructuralSchema,
  options: FieldReferenceOptions = {},
): FieldReference | { readonly problem: string } {
  const steps: { name: string; isKey: boolean }[] = [];
  let at: StructuralSchema | undefined = schema;
  const tokens = tokenize(path);
  for (let index = 0; index < tokens.length; ) {
    const token = tokens[index] as string;
    if (token !== '.' && token !== '[') return { problem: `expected [ or . but got: ${token}` };
    if (token === '[' && options.brackets === false) return { problem: 'array notation is not allowed' };
    const name = tokens[index + 1];
    if (name === undefined) return { problem: 'unexpected end of JSON path' };
    const read = token === '.' ? { name, next: index + 2 } : readBracket(tokens, index);
    if ('problem' in read) return read;
    const step = enter(at, read.name);
    if (step === undefined) return { problem: 'does not refer to a valid field' };
    steps.push({ name: read.name, isKey: step.isKey });
    at = step.schema;
    index = read.next;
  }
  const text = steps.map((step, index) => (step.isKey ? `[${step.name}]` : index === 0 ? step.name : `.${step.name}`));
  return { steps, text: text.join(''), schema: at };
}

function tokenize(path: string): string[] {
  return path.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]]+/gs) ?? [];
}

function readBracket(tokens: readonly string[], index: number): { name: string; next: number } | { problem: string } {
  const literal = tokens[index + 1] ?? '';
  if (literal.length < 2 || !literal.startsWith("'") || !literal.endsWith("'")) {
    return { problem: `expected single quoted string but got ${literal}` };
  }
  const name = unquote(literal.slice(1, -1));
  if (name === undefined) return { problem: 'invalid string literal' };
  const close = tokens[index + 2];
  if (close === undefined) return { problem: 'unexpected end of JSON path' };
  return close === ']' ? { name, next: index + 3 } : { problem: `expected ] but got ${close}` };
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

function unquote(text: string): string | undefined {
  let good = true;
  const plain = text.replace(/\\(.)/gs, (_, character: string) => {
    const value = escapes[character];
    if (value === undefined) good = false;
    return value ?? '';
  });
  return good ? plain : undefined;
}

function enter(
  schema: StructuralSchema | undefined,
  name: string,
): { schema: StructuralSchema | undefined; isKey: boolean } | undefined {
  if (schema?.properties !== undefined) {
    if (!Object.hasOwn(schema.properties, name)) return undefined;
    return { schema: schema.properties[name], isKey: false };
  }
  const open = schema?.additionalProperties;
  if (open === undefined || open === false) return undefined;
  return { schema: open === true ? undefined : open, isKey: true };
}
