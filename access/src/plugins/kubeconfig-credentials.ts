import { decodeYaml, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { PluginCredential } from './harness.ts';

/**
 * The credentials that a stored kubeconfig holds for a context: a token, an inline client certificate with its key, or
 * both. Nothing in it is run or read from disk: exec plugins, auth providers, token files and passwords are no credentials
 * here, and its server and CA are not used. CP-40
 * @param contextName absent: the current context
 * @throws Error saying what is wrong, without any value of the kubeconfig
 */
export function kubeconfigCredentials(text: string, contextName: string | undefined): PluginCredential {
  const config = decode(text);
  if (config.extensions !== undefined && config.extensions !== null) {
    throw new Error('the kubeconfig has extensions, which are not supported');
  }
  const name = contextName ?? config['current-context'];
  if (typeof name !== 'string' || name === '') throw new Error('the kubeconfig has no current-context: name a context');
  const userName = named(config, 'contexts', name, 'context').user;
  if (typeof userName !== 'string' || userName === '')
    throw new Error(`context "${name}" of the kubeconfig has no user`);
  return credentialsOf(named(config, 'users', userName, 'user'), userName);
}

function credentialsOf(user: JsonObject, userName: string): PluginCredential {
  for (const field of ['client-certificate', 'client-key']) {
    if (!isAbsent(user[field])) throw new Error(`user "${userName}": ${field} is a file path; put the data inline`);
  }
  const token = string(user, 'token');
  const [cert, key] = [pem(user, 'client-certificate-data'), pem(user, 'client-key-data')];
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(`user "${userName}" needs both a client certificate and its key, or neither`);
  }
  if (token === undefined && cert === undefined) {
    throw new Error(`user "${userName}" has neither a token nor a client certificate`);
  }
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { clientCertificateData: cert, clientKeyData: key }),
  };
}

function decode(text: string): JsonObject {
  let value: JsonValue;
  try {
    ({ value } = decodeYaml(text));
  } catch {
    // Without the cause: it may quote the line, and the line may be a credential.
    throw new Error('the kubeconfig is no valid YAML');
  }
  if (!isJsonObject(value)) throw new Error('the kubeconfig is no YAML mapping');
  return value;
}

function named(config: JsonObject, list: string, name: string, field: string): JsonObject {
  const entries = config[list];
  const found = Array.isArray(entries)
    ? entries.find((entry) => isJsonObject(entry) && entry.name === name)
    : undefined;
  if (!isJsonObject(found)) throw new Error(`the kubeconfig has no ${field} "${name}"`);
  const value = found[field];
  return isJsonObject(value) ? value : {};
}

const isAbsent = (value: JsonValue | undefined): boolean => value === undefined || value === null || value === '';

function string(user: JsonObject, field: string): string | undefined {
  const value = user[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function pem(user: JsonObject, field: string): string | undefined {
  const value = string(user, field);
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}
