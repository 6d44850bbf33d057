import { encodeJson, isJsonObject, type JsonValue, parseJson } from '@quarterdeck/machinery';
import type { Revision, StoredRow } from '../storage.ts';

/**
 * A backup is gzip of JSON lines: a header, objects, settings, an end that counts them (so that a file which was cut
 * short is known). Bodies stay what they are in the database: cache/body.ts.
 */
export interface BackupHeader {
  readonly epoch: string;
  readonly revision: Revision;
  readonly schemaVersion: number;
  readonly at: number;
}

export interface BackupContents {
  readonly objects: number;
  readonly settings: number;
}

export type BackupLine =
  | { readonly type: 'header'; readonly header: BackupHeader }
  | { readonly type: 'object'; readonly row: StoredRow }
  | { readonly type: 'setting'; readonly name: string; readonly value: string }
  | { readonly type: 'end'; readonly contents: BackupContents };

/** The file is no backup or not a whole one, or the database is not one to restore into. One line. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

const format = 'quarterdeck-backup/1';

export function encodeHeader({ epoch, revision, schemaVersion, at }: BackupHeader): string {
  return encodeLine({ format, epoch, revision, schemaVersion, at });
}

export function encodeObject({ key, revision, body }: StoredRow): string {
  return encodeLine({ key: [key.resource, key.namespace, key.name], revision, body });
}

export function encodeSetting(setting: string, value: string): string {
  return encodeLine({ setting, value });
}

export function encodeEnd({ objects, settings }: BackupContents): string {
  return encodeLine({ end: { objects, settings } });
}

function encodeLine(value: JsonValue): string {
  return `${encodeJson(value)}\n`;
}

/** @throws BackupError for a line that none of the above wrote */
export function decodeLine(line: string): BackupLine {
  const value = parse(line);
  if (isJsonObject(value)) {
    const { key, body, revision, setting, end } = value;
    if (value.format === format) return { type: 'header', header: value as unknown as BackupHeader };
    if (typeof setting === 'string') return { type: 'setting', name: setting, value: String(value.value) };
    if (isJsonObject(end)) return { type: 'end', contents: end as unknown as BackupContents };
    if (Array.isArray(key) && typeof body === 'string') {
      const [resource, namespace, name] = key.map(String);
      const row = { key: { resource: resource ?? '', namespace: namespace ?? '', name: name ?? '' }, body };
      return { type: 'object', row: { ...row, revision: Number(revision) } };
    }
  }
  throw new BackupError('the file is not a backup, or was made by a newer version; nothing was restored');
}

function parse(line: string): JsonValue {
  try {
    return parseJson(line);
  } catch {
    return null;
  }
}
