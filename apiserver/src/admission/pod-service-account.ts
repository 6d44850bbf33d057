import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { forbiddenObject } from '../authz/forbidden.ts';
import { getStoredObject } from '../authz/stored-object.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt } from '../registry/fields.ts';
import type { AdmissionPlugin } from './admission.ts';

const defaultName = 'default';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour, and a margin by which renewals are recognised. */
const tokenSeconds = 3607;

/**
 * A pod runs as a service account, which must exist: `default` when it names none. Its containers get the account's token, the
 * CA and the namespace as files, unless the pod or the account opts out, and its image pull secrets when it has none. KA-2
 */
export const podServiceAccountPlugin: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: ({ operation, group, resource, subresource, object }) =>
    operation === 'CREATE' && group === '' && resource === 'pods' && subresource === '' && !isMirror(object),
  mutate({ namespace, name, object }, { store, random }) {
    const accountName = stringAt(object, 'spec', 'serviceAccountName') || defaultName;
    const stored = getStoredObject(store, { resource: 'serviceaccounts', namespace, name: accountName });
    // A controller makes the default account a moment after its namespace: until then it is taken as it will be made.
    const account = stored ?? (accountName === defaultName ? {} : undefined);
    if (account === undefined) {
      const why = `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`;
      throw forbiddenObject({ group: '', plural: 'pods' }, name, why);
    }
    const spec = { ...objectAt(object, 'spec'), serviceAccountName: accountName, serviceAccount: accountName };
    const secrets = listAt(account, 'imagePullSecrets');
    const pulling =
      listAt(object, 'spec', 'imagePullSecrets').length === 0 && secrets.length > 0
        ? { ...spec, imagePullSecrets: [...secrets] }
        : spec;
    return { ...object, spec: wantsToken(object, account) ? withToken(pulling, random) : pulling };
  },
};

/** Made by a node from a file of its own, for the API to show: it has no identity here. */
function isMirror(pod: JsonObject | undefined): boolean {
  return pod !== undefined && valueAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined;
}

/** The pod's word counts before the account's. */
function wantsToken(pod: JsonObject, account: JsonObject): boolean {
  const asked =
    valueAt(pod, 'spec', 'automountServiceAccountToken') ?? valueAt(account, 'automountServiceAccountToken');
  return asked !== false;
}

function withToken(spec: JsonObject, random: () => number): JsonObject {
  const found = objectsAt(spec, 'volumes').find((volume) => stringAt(volume, 'name').startsWith(volumePrefix));
  const name = found === undefined ? volumePrefix + suffix(random) : stringAt(found, 'name');
  let isMounted = false;
  const mount = (container: JsonValue): JsonValue => {
    if (!isJsonObject(container)) return container;
    const mounts = objectsAt(container, 'volumeMounts');
    if (mounts.some((one) => stringAt(one, 'mountPath') === mountPath)) return container;
    isMounted = true;
    return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath }] };
  };
  const lists = ['initContainers', 'containers'].flatMap((key): [string, JsonValue][] => {
    const list = spec[key];
    return Array.isArray(list) ? [[key, list.map(mount)]] : [];
  });
  if (!isMounted) return spec;
  const volumes = found === undefined ? [...listAt(spec, 'volumes'), tokenVolume(name)] : [...listAt(spec, 'volumes')];
  return { ...spec, ...Object.fromEntries(lists), volumes };
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}

/** Five characters as in generated names. KA-45 */
function suffix(random: () => number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join('');
}
