import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field of a Go struct that has a place in protobuf. */
export interface GoField {
  /** JSON name; empty when the struct is embedded in its parent's JSON. */
  readonly json: string;
  readonly number: number;
  /** The Go type as written: `*int32`, `[]metav1.Condition`, `map[string]ExtraValue`. */
  readonly goType: string;
  readonly omitEmpty: boolean;
}

export interface GoPackage {
  readonly structs: ReadonlyMap<string, readonly GoField[]>;
  /** Values of the types marked `+enum`, in the order of their constants. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the struct fields and enums of a package of Kubernetes API types. Their layout is regular enough for patterns:
 * gofmt, one field a line, tags on the same line; the caller checks the outcome against generated.proto.
 */
export function readGoPackage(directory: string): GoPackage {
  const sources = readdirSync(directory)
    .filter((file) => file.endsWith('.go') && !/^(zz_|generated)|_test\.go$|swagger/.test(file))
    .map((file) => readFileSync(join(directory, file), 'utf8'));
  const text = sources.join('\n');
  return { structs: readStructs(text), enums: readEnums(text) };
}

function readStructs(text: string): Map<string, GoField[]> {
  const structs = new Map<string, GoField[]>();
  for (const [, name = '', body = ''] of text.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) {
    structs.set(name, readFields(body));
  }
  for (const [, name = ''] of text.matchAll(/^type (\w+) struct\s*\{\}$/gm)) structs.set(name, []);
  return structs;
}

function readFields(body: string): GoField[] {
  const fields: GoField[] = [];
  for (const line of body.split('\n')) {
    const [, goType = '', tags = ''] = /^\t(?:\w+\s+)?([\w.*[\]]+)\s+`(.*)`/.exec(line) ?? [];
    const protobuf = /protobuf:"([^"]*)"/.exec(tags)?.[1];
    if (protobuf === undefined) continue;
    const [json = '', ...options] = (/json:"([^"]*)"/.exec(tags)?.[1] ?? '').split(',');
    fields.push({ json, number: Number(protobuf.split(',')[1]), goType, omitEmpty: options.includes('omitempty') });
  }
  return fields;
}

function readEnums(text: string): Map<string, string[]> {
  const enums = new Map<string, string[]>();
  for (const [, name = ''] of text.matchAll(/^\/\/ \+enum\n(?:\/\/.*\n)*type (\w+) string$/gm)) {
    const constants = text.matchAll(new RegExp(`^\\s+\\w+\\s+${name}\\s+= "([^"]*)"`, 'gm'));
    const single = text.matchAll(new RegExp(`^const \\w+\\s+${name}\\s+= "([^"]*)"`, 'gm'));
    enums.set(
      name,
      [...constants, ...single].map(([, value = '']) => value),
    );
  }
  return enums;
}
