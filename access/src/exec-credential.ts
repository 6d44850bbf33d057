import { createPrivateKey, X509Certificate } from 'node:crypto';
import { decodeJson, type EpochMs, encodeJson, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { PluginCall } from './connection.ts';
import { AccessError } from './errors.ts';

/** What a plugin handed out. Secret as a whole: never logged, never part of an error. */
export interface Credential {
  readonly token?: string;
  /** PEM, with its key. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** When it must be got anew. Absent: never; expiry is not guessed. CP-22 */
  readonly expiresAt?: EpochMs;
}

/** The one variable through which a plugin gets its input. CP-17 */
export const execInfoVariable = 'KUBERNETES_EXEC_INFO';

/** The content of {@link execInfoVariable}: never interactive. CP-17, CP-18 */
export function execInfo({ apiVersion, cluster }: PluginCall): string {
  const spec: JsonObject = { interactive: false, ...(cluster === undefined ? {} : { cluster }) };
  return encodeJson({ apiVersion, kind: 'ExecCredential', spec });
}

/**
 * Reads a plugin's standard output: exactly one ExecCredential of the version it was asked for. CP-21, CP-22
 * @throws AccessError saying what is wrong with it, without its content
 */
export function readCredential(output: string, apiVersion: string): Credential {
  const object = decode(output);
  if (object.kind !== 'ExecCredential' || object.apiVersion !== apiVersion) {
    throw new AccessError(`its output is not an ExecCredential of ${apiVersion}`);
  }
  const { status } = object;
  if (!isJsonObject(status)) throw new AccessError('its ExecCredential has no status');
  const token = text(status, 'token');
  const [cert, key] = [text(status, 'clientCertificateData'), text(status, 'clientKeyData')];
  if ((cert === undefined) !== (key === undefined)) {
    throw new AccessError('its ExecCredential needs both clientCertificateData and clientKeyData, or neither');
  }
  if (token === undefined && cert === undefined) {
    throw new AccessError('its ExecCredential holds neither a token nor a client certificate');
  }
  const expiresAt = expiry(text(status, 'expirationTimestamp'));
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { certificate: checkPair(cert, key) }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function decode(output: string): JsonObject {
  let value: unknown;
  try {
    ({ value } = decodeJson(output));
  } catch {
    // Without the cause: a decoder's message may quote what it could not read.
    throw new AccessError('its output is no JSON');
  }
  if (!isJsonObject(value)) throw new AccessError('its output is no JSON object');
  return value;
}

function text(status: JsonObject, field: string): string | undefined {
  const value = status[field];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new AccessError(`status.${field} of its ExecCredential is no string`);
  return value;
}

/** RFC 3339 with seconds and a zone. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function expiry(value: string | undefined): EpochMs | undefined {
  if (value === undefined) return undefined;
  const at = timestamp.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new AccessError('status.expirationTimestamp of its ExecCredential is no RFC 3339 time');
  return at;
}

function checkPair(cert: string, key: string): { cert: string; key: string } {
  let fits: boolean;
  try {
    fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new AccessError('the certificate or key in its ExecCredential cannot be read');
  }
  if (!fits) throw new AccessError('the key in its ExecCredential is not the one of the certificate');
  return { cert, key };
}
