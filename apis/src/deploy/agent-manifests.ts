import { managedByValue } from '../constants/identity.ts';
import { label } from '../constants/labels.ts';
import { systemNamespace } from '../constants/names.ts';
import type { KubeObject } from '../meta/object.ts';
import { memberRights } from './member-rights.ts';
import { tunnelRights } from './tunnel-rights.ts';

/** `caHash`: of the key of a CA that the hub shows, `sha256:<hex>`. `caData`: its CAs, PEM in base64. */
export type HubTrust = { readonly caHash: string } | { readonly caData: string };

/** As flags of the agent. */
export const trustFlags = (trust: HubTrust): readonly [flag: string, value: string] =>
  'caHash' in trust ? ['--ca-hash', trust.caHash] : ['--ca-data', trust.caData];

export interface AgentManifestOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** How the agent knows the hub: by the flag of this name. SEC-7 */
  readonly trust: HubTrust;
  /** Bootstrap token. Secret. */
  readonly token: string;
  readonly image: string;
  /** Whether users of the hub may reach the member through the agent. Default false. RG-50 */
  readonly tunnel?: boolean;
  /** HTTPS_PROXY of the agent, on its way to the hub. Absent: none. RG-55 */
  readonly httpsProxy?: string;
  /** NO_PROXY, beside it. Absent: none. */
  readonly noProxy?: string;
}

const name = 'quarterdeck-agent';
const stateSecret = `${name}-state`;
const tokenSecret = `${name}-bootstrap`;
const tokenDir = '/etc/quarterdeck/bootstrap';
const cacheMount = '/var/cache/quarterdeck';
const labels = { [label.managedBy]: managedByValue, 'app.kubernetes.io/name': name };
const metadata = (objectName: string) => ({ name: objectName, namespace: systemNamespace, labels });

/**
 * What to apply on a member to run its agent there: rights, the bootstrap token, a Secret for the agent's certificate (the
 * only one that it may read or write for itself), and a Deployment with least privileges. RG-2, SEC-4
 */
export function agentManifests(options: AgentManifestOptions): readonly KubeObject[] {
  const role = `${name}-state`;
  return [
    ...memberRights,
    ...(options.tunnel === true ? tunnelRights : []),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(tokenSecret),
      type: 'Opaque',
      stringData: { token: options.token },
    },
    // Made here, so that the agent needs no right to create Secrets.
    { apiVersion: 'v1', kind: 'Secret', metadata: metadata(stateSecret), type: 'Opaque' },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: metadata(role),
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [stateSecret], verbs: ['get', 'update'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: metadata(role),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: systemNamespace }],
    },
    deployment(options),
  ] as readonly KubeObject[];
}

function deployment(options: AgentManifestOptions): KubeObject {
  const { clusterName, hubUrl, trust, image, tunnel, httpsProxy, noProxy } = options;
  const env = [
    ...(httpsProxy === undefined ? [] : [{ name: 'HTTPS_PROXY', value: httpsProxy }]),
    ...(noProxy === undefined ? [] : [{ name: 'NO_PROXY', value: noProxy }]),
  ];
  const args = [
    'agent',
    'run',
    ...['--cluster-name', clusterName],
    ...['--hub', hubUrl],
    ...trustFlags(trust),
    ...['--token-file', `${tokenDir}/token`],
    ...['--state-secret', `${systemNamespace}/${stateSecret}`],
    // A directory of its own, which it can close to others.
    ...['--cache-dir', `${cacheMount}/works`],
    ...(tunnel === true ? ['--tunnel'] : []),
  ];
  const container = {
    name: 'agent',
    image,
    args,
    ...(env.length === 0 ? {} : { env }),
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'bootstrap', mountPath: tokenDir, readOnly: true },
      { name: 'cache', mountPath: cacheMount },
    ],
  };
  const podSpec = {
    serviceAccountName: name,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container],
    volumes: [
      // Optional: the token is spent once the cluster has joined, and its Secret may be deleted.
      { name: 'bootstrap', secret: { secretName: tokenSecret, optional: true } },
      // What the hub last said, for an agent that is restarted while the hub is away. F-14
      { name: 'cache', emptyDir: { sizeLimit: '256Mi' } },
    ],
  };
  const selector = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name),
    spec: {
      replicas: 1,
      // Never two of one identity, not even for a moment. RG-11
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selector },
      template: { metadata: { labels: { ...labels } }, spec: podSpec },
    },
  } as KubeObject;
}
