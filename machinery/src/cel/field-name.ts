const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const sequences: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const escapes = /__|[-./]/g;
const plain = /^(?!.*__)[A-Za-z_][A-Za-z0-9_]*$/;

/** The name of a field as expressions write it; undefined for a field that they cannot name. KA-101d */
export function escapeFieldName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (plain.test(name)) return name;
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name.replace(escapes, (found) => sequences[found] ?? found);
}

/** Words that the grammar lets stand as the name of a field, although fields have them in escaped form as well. */
export function isFieldKeyword(name: string): boolean {
  return reserved.has(name) && !['true', 'false', 'null', 'in'].includes(name);
}
