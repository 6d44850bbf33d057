import { badRequest, conflict, type FieldError, invalid, notFound } from '@quarterdeck/apis';
import { invalidValue, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { Store } from '../cache/store.ts';
import type { ActionHandler } from '../registry/definition.ts';
import type { ServiceAccountTokens, TokenSpec } from './service-account-tokens.ts';

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;
const tokenRequest = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** `serviceaccounts/NAME/token`: a token for the account, bound to it and to a Secret where asked. KA-121 */
export function createTokenRequest(tokens: ServiceAccountTokens, store: Pick<Store, 'get'>): ActionHandler {
  return async (request, { namespace, name }) => {
    const metadata = object(request.metadata);
    const spec = object(request.spec);
    checkAgrees(metadata, { namespace, name });
    const account = store.get({ resource: 'serviceaccounts', namespace, name });
    if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts' }, name);
    const { uid } = account.index;
    if (typeof metadata.uid === 'string' && metadata.uid !== '' && metadata.uid !== uid) {
      const type = { group: tokenRequest.group, plural: 'tokenrequests' };
      throw conflict(type, name, `the uid ${metadata.uid} is not that of the service account, which is ${uid}`);
    }
    const lifetimeSeconds = expirationSeconds(spec.expirationSeconds);
    const asked = strings(spec.audiences);
    const audiences = asked.length === 0 ? [...tokens.audiences] : asked;
    const secret = boundSecret(spec.boundObjectRef, namespace, store);
    const issued: TokenSpec = { namespace, name, uid, audiences, lifetimeSeconds };
    const { token, expiresAt } = await tokens.issue(secret === undefined ? issued : { ...issued, secret });
    return {
      ...request,
      metadata: { ...metadata, name, namespace },
      spec: { ...spec, audiences, expirationSeconds: lifetimeSeconds },
      status: { token, expirationTimestamp: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z') },
    };
  };
}

/** Name and namespace are in the URL; the body may repeat them. */
function checkAgrees(metadata: JsonObject, url: { namespace: string; name: string }): void {
  const errors: FieldError[] = [];
  for (const part of ['name', 'namespace'] as const) {
    const value = metadata[part];
    if (typeof value !== 'string' || value === '' || value === url[part]) continue;
    errors.push(invalidValue(`metadata.${part}`, value, `must match the service account ${part} if specified`));
  }
  if (errors.length > 0) throw invalid(tokenRequest, url.name, errors);
}

function expirationSeconds(value: JsonValue | undefined): number {
  if (value === undefined || value === null) return defaultSeconds;
  const seconds = Number(value);
  if (seconds >= minSeconds && seconds <= maxSeconds) return seconds;
  const why =
    seconds > maxSeconds
      ? 'may not specify a duration larger than 2^32 seconds'
      : 'may not specify a duration less than 10 minutes';
  throw invalid(tokenRequest, '', [invalidValue('spec.expirationSeconds', value, why)]);
}

/** Pods and Nodes do not exist here, so a token cannot end with one. */
function boundSecret(ref: JsonValue | undefined, namespace: string, store: Pick<Store, 'get'>): TokenSpec['secret'] {
  if (!isJsonObject(ref)) return undefined;
  const { kind, apiVersion, name, uid } = ref;
  if (kind !== 'Secret' || (apiVersion !== 'v1' && apiVersion !== undefined && apiVersion !== '')) {
    throw badRequest(
      `cannot bind a token to an object of kind ${String(kind)} in ${String(apiVersion)}: only to a Secret`,
    );
  }
  const secretName = typeof name === 'string' ? name : '';
  const secret = store.get({ resource: 'secrets', namespace, name: secretName });
  if (secret === undefined) throw notFound({ group: '', plural: 'secrets' }, secretName);
  if (typeof uid === 'string' && uid !== '' && uid !== secret.index.uid) {
    const why = `the uid ${uid} of the bound object reference is not that of the secret, which is ${secret.index.uid}`;
    throw conflict({ group: '', plural: 'secrets' }, secretName, why);
  }
  return { name: secretName, uid: secret.index.uid };
}

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const strings = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
