import { encodeJson, type JsonValue, parseJson } from '@quarterdeck/machinery';
import type { FieldRow, MessageRow } from './table.ts';

/**
 * The text form of the generated tables: one message a paragraph, one field a line.
 *
 *     core.v1.ServiceSpec
 *     ports 1 core.v1.ServicePort [] list=map keys=port,protocol patch=merge mergeKey=port
 *     clusterIP 3 string
 *
 * A space within an enum's value is written as `~`.
 *
 * A loaded text costs next to nothing: no process uses all of nearly a thousand messages, and each is read when it is
 * asked for first. As literals they took 60 ms of every start and 5 MB.
 */

/** Writes what {@link parseMessage} reads. @throws for a value that the form cannot hold */
export function formatMessage(name: string, { mapType, fields }: MessageRow): string {
  const head = mapType === undefined ? name : `${name} map=${mapType}`;
  return [head, ...fields.map(formatField)].join('\n');
}

function formatField(field: FieldRow): string {
  const type = field.message === undefined || field.type === 'message' ? field.type : `${field.type}:${field.message}`;
  const words = [
    field.name,
    String(field.number),
    field.type === 'message' ? (field.message ?? '') : type,
    ...(field.repeated ? ['[]'] : []),
    ...(field.map ? ['{}'] : []),
    ...(field.inline ? ['inline'] : []),
    ...(field.zero === undefined ? [] : [field.zero]),
    ...(field.required ? ['required'] : []),
    ...(field.default === undefined ? [] : [`default=${encodeJson(field.default)}`]),
    ...(field.enum === undefined ? [] : [`enum=${field.enum.join('|').replaceAll(' ', '~')}`]),
    ...(field.listType === undefined ? [] : [`list=${field.listType}`]),
    ...(field.listMapKeys === undefined ? [] : [`keys=${field.listMapKeys.join(',')}`]),
    ...(field.mapType === undefined ? [] : [`map=${field.mapType}`]),
    ...(field.patchStrategy === undefined ? [] : [`patch=${field.patchStrategy}`]),
    ...(field.patchMergeKey === undefined ? [] : [`mergeKey=${field.patchMergeKey}`]),
  ];
  const bad = words.find((word) => /[\s`\\]/.test(word));
  if (bad !== undefined) throw new Error(`${field.name}: "${bad}" does not fit the text form of the tables`);
  return words.join(' ');
}

/** The message of one paragraph. */
export function parseMessage(paragraph: string): MessageRow {
  const [head = '', ...lines] = paragraph.split('\n');
  const mapType = head.split(' map=')[1] as MessageRow['mapType'];
  const fields = lines.map(parseField);
  return mapType === undefined ? { fields } : { mapType, fields };
}

type Writable = { -readonly [K in keyof FieldRow]: FieldRow[K] };

function parseField(line: string): FieldRow {
  const [name = '', number = '', type = '', ...words] = line.split(' ');
  const [special = '', message] = type.split(':');
  const row: Writable = {
    name,
    number: Number(number),
    ...(type.includes('.v')
      ? message === undefined
        ? { type: 'message', message: type }
        : { type: special as FieldRow['type'], message }
      : { type: type as FieldRow['type'] }),
  };
  for (const word of words) readWord(row, word);
  return row;
}

function readWord(row: Writable, word: string): void {
  const at = word.indexOf('=');
  const value = word.slice(at + 1);
  switch (at < 0 ? word : word.slice(0, at)) {
    case '[]':
      row.repeated = true;
      return;
    case '{}':
      row.map = true;
      return;
    case 'inline':
      row.inline = true;
      return;
    case 'keep':
    case 'always':
      row.zero = word as 'keep' | 'always';
      return;
    case 'required':
      row.required = true;
      return;
    case 'default':
      row.default = parseJson(value) as JsonValue;
      return;
    case 'enum':
      row.enum = value.replaceAll('~', ' ').split('|');
      return;
    case 'list':
      row.listType = value as NonNullable<FieldRow['listType']>;
      return;
    case 'keys':
      row.listMapKeys = value.split(',');
      return;
    case 'map':
      row.mapType = value as NonNullable<FieldRow['mapType']>;
      return;
    case 'patch':
      row.patchStrategy = value;
      return;
    case 'mergeKey':
      row.patchMergeKey = value;
      return;
    default:
      throw new Error(`unknown word "${word}" in the built-in tables`);
  }
}
