/** A place in a value, built step by step without making text: only errors pay for their path. */
export interface FieldPath {
  readonly parent: FieldPath | undefined;
  /** `.name`, `[3]` or `[key]`. */
  readonly step: string;
}

export function field(parent: FieldPath | undefined, name: string): FieldPath {
  return { parent, step: `.${name}` };
}

/** A list index, or a key of a map. */
export function subscript(parent: FieldPath | undefined, key: number | string): FieldPath {
  return { parent, step: `[${key}]` };
}

/** `spec.ports[0].name`; empty for the root. */
export function pathText(path: FieldPath | undefined): string {
  let text = '';
  for (let at = path; at !== undefined; at = at.parent) text = at.step + text;
  return text.startsWith('.') ? text.slice(1) : text;
}

/** Puts a relative path behind a prefix. Kubernetes writes `<nil>` where there is neither. */
export function joinPath(prefix: string, relative: string): string {
  if (relative === '') return prefix === '' ? '<nil>' : prefix;
  if (prefix === '') return relative;
  return relative.startsWith('[') ? `${prefix}${relative}` : `${prefix}.${relative}`;
}
