import { badRequest, conflict, type FieldError, invalid, notFound } from '@quarterdeck/apis';
import { invalidValue, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { readStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import type { ActionHandler } from '../registry/definition.ts';
import type { ServiceAccountTokens, TokenSpec } from './service-account-tokens.ts';

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;
const tokenRequest = { group: 'authentication.k8s.io', kind: 'TokenRequest' };

/** `serviceaccounts/NAME/token`: a token for the account, bound to it and to a Secret, Pod or Node where asked. KA-121 */
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
    const bound = boundObject(spec.boundObjectRef, { namespace, name }, store);
    const { token, expiresAt = 0 } = await tokens.issue({ namespace, name, uid, audiences, lifetimeSeconds, ...bound });
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

type Bound = Pick<TokenSpec, 'secret' | 'pod' | 'node'>;

const bindable: Readonly<Record<string, { readonly plural: string; readonly isNamespaced: boolean }>> = {
  Secret: { plural: 'secrets', isNamespaced: true },
  Pod: { plural: 'pods', isNamespaced: true },
  Node: { plural: 'nodes', isNamespaced: false },
};

/** What the token shall end with beside its account: a Secret, a Pod of the account, or a Node. */
function boundObject(ref: JsonValue | undefined, account: Account, store: Pick<Store, 'get'>): Bound {
  if (!isJsonObject(ref)) return {};
  const { kind, apiVersion, name, uid } = ref;
  const type = typeof kind === 'string' && Object.hasOwn(bindable, kind) ? bindable[kind] : undefined;
  if (type === undefined || (apiVersion !== 'v1' && apiVersion !== undefined && apiVersion !== '')) {
    const version = typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion : `/${String(apiVersion)}`;
    throw badRequest(`cannot bind token to object of type ${version}, Kind=${String(kind)}`);
  }
  const { plural, isNamespaced } = type;
  const boundName = typeof name === 'string' ? name : '';
  const key = { resource: plural, namespace: isNamespaced ? account.namespace : '', name: boundName };
  const found = store.get(key);
  if (found === undefined) throw notFound({ group: '', plural }, boundName);
  if (typeof uid === 'string' && uid !== '' && uid !== found.index.uid) {
    const what = plural.slice(0, -1);
    const why = `the uid ${uid} of the bound object reference is not that of the ${what}, which is ${found.index.uid}`;
    throw conflict({ group: '', plural }, boundName, why);
  }
  const claim = { name: boundName, uid: found.index.uid };
  switch (plural) {
    case 'pods':
      return { pod: claim, ...nodeOfPod(readStoredObject(found), account, store) };
    case 'nodes':
      return { node: claim };
    default:
      return { secret: claim };
  }
}

interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** @throws ApiError BadRequest for a pod of another account */
function nodeOfPod(pod: JsonObject, account: Account, store: Pick<Store, 'get'>): Pick<Bound, 'node'> {
  const { serviceAccountName, nodeName } = object(pod.spec);
  if (serviceAccountName !== account.name) {
    throw badRequest(
      `cannot bind a token of service account ${account.name} to a pod of service account ${String(serviceAccountName)}`,
    );
  }
  if (typeof nodeName !== 'string' || nodeName === '') return {};
  const node = store.get({ resource: 'nodes', namespace: '', name: nodeName });
  return node === undefined ? {} : { node: { name: nodeName, uid: node.index.uid } };
}

const object = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const strings = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
