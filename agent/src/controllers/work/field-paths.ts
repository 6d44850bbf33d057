import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '@quarterdeck/machinery';
import { type Path, type Step, valueAtPath } from './owned-fields.ts';

/** How a field is ignored. DL-3 */
export type IgnoreMode =
  /** Never sent: what the member holds is its own. */
  | 'Never'
  /** Sent when the object is made, and never again. */
  | 'AtCreation'
  /** Sent again whenever the manifest's own value changes. */
  | 'OnChange';

export interface IgnoredField {
  readonly path: Path;
  readonly mode: IgnoreMode;
}

/**
 * Reads the ignore-fields annotation: `spec.replicas; spec.template.spec.containers[name=app].image:AtCreation`. Items are
 * addressed by their keys, names with dots in quotes: `metadata.annotations["a.b/c"]`. DL-3
 * @returns what is wrong, naming the path
 */
export function parseIgnoredFields(text: string): readonly IgnoredField[] | { readonly problem: string } {
  const fields: IgnoredField[] = [];
  for (const entry of text.split(/[;\n]/)) {
    const trimmed = entry.trim();
    if (trimmed === '') continue;
    const [, written = '', mode = 'Never'] = /^(.*?)(?::(Never|AtCreation|OnChange))?$/s.exec(trimmed) ?? [];
    const path = parsePath(written);
    if (path === undefined) return { problem: `cannot read the field path "${written}"` };
    if (isIdentity(path))
      return { problem: `the field path "${written}" says which object it is and cannot be ignored` };
    fields.push({ path, mode: mode as IgnoreMode });
  }
  return fields;
}

function isIdentity([first, second]: Path): boolean {
  const name = (step: Step | undefined) => (step !== undefined && 'field' in step ? step.field : undefined);
  const root = name(first) ?? '';
  if (['apiVersion', 'kind'].includes(root)) return true;
  return root === 'metadata' && (second === undefined || ['name', 'namespace'].includes(name(second) ?? ''));
}

const part = /^(?:\.?([A-Za-z0-9_-]+)|\["([^"]*)"\]|\[([^\]]*)\])/;

function parsePath(text: string): Path | undefined {
  const path: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const match = part.exec(rest);
    if (match === null) return undefined;
    const [whole, name, quoted, keys] = match;
    const step = keys === undefined ? { field: name ?? quoted ?? '' } : parseKeys(keys);
    if (step === undefined) return undefined;
    path.push(step);
    rest = rest.slice(whole.length);
  }
  return path.length === 0 ? undefined : path;
}

/** `name=app`, `containerPort=80,protocol="TCP"` */
function parseKeys(text: string): Step | undefined {
  const keys: JsonObject = {};
  for (const pair of text.split(',')) {
    const [, name, quoted, plain] = /^\s*([A-Za-z0-9_-]+)=(?:"([^"]*)"|([^"=]+))\s*$/.exec(pair) ?? [];
    if (name === undefined) return undefined;
    const bare = plain?.trim() ?? '';
    setOwn(keys, name, quoted ?? (/^-?\d{1,15}$/.test(bare) ? Number(bare) : bare));
  }
  return { keys };
}

/** The object without these fields; shares what it can with the original. */
export function withoutPaths(object: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce<JsonObject>((result, path) => removed(result, path) as JsonObject, object);
}

function removed(value: JsonValue, [step, ...rest]: Path): JsonValue {
  if (step === undefined) return value;
  if ('field' in step) {
    if (!isJsonObject(value)) return value;
    const child = getOwn(value, step.field);
    if (child === undefined) return value;
    if (rest.length > 0) return { ...value, [step.field]: removed(child, rest) };
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== step.field));
  }
  if (!Array.isArray(value)) return value;
  const item = valueAtPath(value, [step]);
  if (item === undefined) return value;
  if (rest.length === 0) return value.filter((each) => each !== item);
  return value.map((each) => (each === item ? removed(item, rest) : each));
}

/**
 * Only these fields of an object, where it has them, with what leads to them: the keys of list items, nothing else.
 * Undefined when it has none of them.
 */
export function onlyPaths(object: JsonObject, paths: readonly Path[]): JsonObject | undefined {
  let result: JsonObject | undefined;
  for (const path of paths) {
    const value = valueAtPath(object, path);
    if (value !== undefined) result = planted(result ?? {}, path, value) as JsonObject;
  }
  return result;
}

function planted(into: JsonValue | undefined, [step, ...rest]: Path, value: JsonValue): JsonValue {
  if (step === undefined) return value;
  if ('field' in step) {
    const base = isJsonObject(into) ? into : {};
    return { ...base, [step.field]: planted(getOwn(base, step.field), rest, value) };
  }
  const list = Array.isArray(into) ? into : [];
  const keys = 'keys' in step ? step.keys : {};
  const at = list.findIndex((item) => valueAtPath([item], [step]) !== undefined);
  const item = { ...keys, ...(planted(at < 0 ? keys : list[at], rest, value) as JsonObject) };
  return at < 0 ? [...list, item] : list.with(at, item);
}
