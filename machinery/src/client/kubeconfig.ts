import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { JsonObject } from '../wire/value.ts';
import type { HttpClientOptions, Impersonation, TlsOptions } from './http-options.ts';
import { parseKubeconfig, readKubeconfigFiles } from './kubeconfig-files.ts';
import { KubeconfigError, optionalString, requiredString, selectContext } from './kubeconfig-schema.ts';

/** `path`: a file, or several as `KUBECONFIG` lists them, merged as kubectl does. */
export type KubeconfigSource = ({ path: string } | { text: string }) & {
  /** Default: the file's current-context. */
  context?: string;
  /** Accept `insecure-skip-tls-verify` and plain http beyond loopback. Default false: refused. */
  allowInsecure?: boolean;
  /** For re-reading a `tokenFile`. Default: the real one. */
  clock?: Clock;
};

/** A `tokenFile` is read again after this long; kubelets rotate projected tokens at 80 % of an hour. */
const tokenFileMaxAgeMs = 10_000;

/**
 * Reads a kubeconfig by an allow-list: server, CA, client certificate, token (or its file), impersonation, proxy. Exec
 * plugins, auth providers, basic authentication and unknown fields are refused with their place (SEC-14). File paths in
 * it are relative to the kubeconfig's own directory; in a `text` they must be absolute.
 * @throws KubeconfigError
 */
export async function loadKubeconfig(source: KubeconfigSource): Promise<HttpClientOptions> {
  const { cluster, user } = selectContext(await configOf(source), source.context);
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  if (insecure && source.allowInsecure !== true) {
    throw new KubeconfigError(
      'the kubeconfig turns off TLS verification (insecure-skip-tls-verify); give the CA instead',
    );
  }
  const tls = await tlsOptions(cluster, user);
  const proxy = optionalString(cluster, 'proxy-url', 'cluster');
  const impersonate = impersonation(user);
  const token = await tokenOption(user, source.clock ?? systemClock);
  return {
    baseUrl: requiredString(cluster, 'server', 'cluster'),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...(source.allowInsecure === true && (insecure || cluster.server?.toString().startsWith('http:'))
      ? { insecure: true }
      : {}),
    ...(proxy === undefined ? {} : { proxy }),
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(token === undefined ? {} : { token }),
  };
}

/** The namespace that the context of a kubeconfig sets; undefined when it sets none. @throws KubeconfigError */
export async function kubeconfigNamespace(source: KubeconfigSource): Promise<string | undefined> {
  return selectContext(await configOf(source), source.context).namespace;
}

const configOf = async (source: KubeconfigSource) =>
  'text' in source ? parseKubeconfig(source.text) : await readKubeconfigFiles(source.path);

async function tlsOptions(cluster: JsonObject, user: JsonObject): Promise<TlsOptions> {
  const ca = await pem(cluster, 'certificate-authority', 'cluster');
  const cert = await pem(user, 'client-certificate', 'user');
  const key = await pem(user, 'client-key', 'user');
  const serverName = optionalString(cluster, 'tls-server-name', 'cluster');
  if ((cert === undefined) !== (key === undefined)) {
    throw new KubeconfigError('user of the kubeconfig needs both a client certificate and its key');
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function impersonation(user: JsonObject): Impersonation | undefined {
  const name = optionalString(user, 'as', 'user');
  const uid = optionalString(user, 'as-uid', 'user');
  const groups = user['as-groups'] ?? undefined;
  if (groups !== undefined && !(Array.isArray(groups) && groups.every((group) => typeof group === 'string'))) {
    throw new KubeconfigError('user of the kubeconfig: "as-groups" must be a list of strings');
  }
  if (name === undefined) {
    if (uid === undefined && groups === undefined) return undefined;
    throw new KubeconfigError('user of the kubeconfig: "as-uid" and "as-groups" need "as"');
  }
  return {
    user: name,
    ...(groups === undefined ? {} : { groups: groups as string[] }),
    ...(uid === undefined ? {} : { uid }),
  };
}

async function tokenOption(user: JsonObject, clock: Clock): Promise<HttpClientOptions['token']> {
  // As kubectl: a token file wins over a token.
  const file = optionalString(user, 'tokenFile', 'user');
  if (file === undefined) return optionalString(user, 'token', 'user');
  const path = absolute(file, 'tokenFile');
  let token = await readToken(path);
  let readAt = clock.monotonic();
  return async () => {
    if (clock.monotonic() - readAt < tokenFileMaxAgeMs) return token;
    token = await readToken(path);
    readAt = clock.monotonic();
    return token;
  };
}

async function readToken(path: string): Promise<string> {
  const token = (await readText(path, 'the token file')).trim();
  if (token === '') throw new KubeconfigError(`the token file ${path} is empty`);
  return token;
}

/** Those of files are absolute by now. */
function absolute(path: string, field: string): string {
  if (isAbsolute(path)) return path;
  throw new KubeconfigError(`"${field}" is a relative path, and this kubeconfig has no directory`);
}

/** `FIELD-data` (base64) or the file that `FIELD` names; inline data wins, as in kubectl. */
async function pem(object: JsonObject, field: string, where: string): Promise<string | undefined> {
  const data = optionalString(object, `${field}-data`, where);
  if (data !== undefined) return decodePem(data, `${field}-data`, where);
  const path = optionalString(object, field, where);
  return path === undefined ? undefined : readText(absolute(path, field), `"${field}"`);
}

function decodePem(base64: string, field: string, where: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (!text.includes('-----BEGIN '))
    throw new KubeconfigError(`${where} of the kubeconfig: "${field}" is no base64 of PEM`);
  return text;
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(`cannot read ${what}: ${(cause as Error).message}`, { cause });
  }
}
