import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field of a message in generated.proto. */
export interface ProtoField {
  readonly number: number;
  /** A scalar, or a message's full name without the leading dot. */
  readonly type: string;
  readonly label: 'single' | 'repeated' | 'map';
}

/** The messages of a generated.proto by their short names. */
export function readProto(directory: string): Map<string, readonly ProtoField[]> {
  const text = readFileSync(join(directory, 'generated.proto'), 'utf8').replaceAll(/\/\/.*$/gm, '');
  const packageName = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
  const messages = new Map<string, readonly ProtoField[]>();
  for (const [, name = '', body = ''] of text.matchAll(/^message (\w+) \{(.*?)^\}/gms)) {
    const fields = body
      .split(';')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => readField(line, packageName));
    messages.set(name, fields);
  }
  return messages;
}

function readField(line: string, packageName: string): ProtoField {
  const [, mapValue, mapNumber] = /^map<string, ([\w.]+)> \w+ = (\d+)/.exec(line) ?? [];
  if (mapValue !== undefined) return { number: Number(mapNumber), type: fullName(mapValue, packageName), label: 'map' };
  const [, label, type, number] = /^(optional|required|repeated) ([\w.]+) \w+ = (\d+)/.exec(line) ?? [];
  if (type === undefined) throw new Error(`cannot read the proto field "${line}" of ${packageName}`);
  return {
    number: Number(number),
    type: fullName(type, packageName),
    label: label === 'repeated' ? 'repeated' : 'single',
  };
}

function fullName(type: string, packageName: string): string {
  if (/^[a-z0-9]+$/.test(type)) return type;
  return type.startsWith('.') ? type.slice(1) : `${packageName}.${type}`;
}
