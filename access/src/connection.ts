import type { ClusterProfile } from '@quarterdeck/apis';
import { encodeJson, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { AccessError } from './errors.ts';
import { applyExtensions, type EnvironmentVariable, type NamedExtension } from './profile-extensions.ts';
import type { ExecConfig, ProviderFile } from './provider-file.ts';

type AccessProvider = NonNullable<NonNullable<ClusterProfile['status']>['accessProviders']>[number];

/** A plugin call, settled: nothing more is taken from anywhere. */
export interface PluginCall {
  readonly apiVersion: ExecConfig['apiVersion'];
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  /** `spec.cluster` of the plugin's input; absent unless the consumer provides cluster information. CP-17 */
  readonly cluster?: JsonObject;
}

/** Everything that a connection to one cluster is made of; equal plans are equal connections. CP-46 */
export interface ConnectionPlan {
  /** Access type: the name of the chosen provider. */
  readonly provider: string;
  readonly server: string;
  /** PEM bundle. Absent: the system's roots. */
  readonly caPem?: string;
  readonly serverName?: string;
  /** The profile turns verification off. */
  readonly insecure: boolean;
  /** Absent: none at all; the environment's proxies are not used. CP-10 */
  readonly proxy?: string;
  readonly plugin: PluginCall;
}

export interface PlanOptions {
  /** Variables that profiles may set although CP-35 forbids them. Default: none. */
  readonly allowedEnvNames?: ReadonlySet<string>;
}

/**
 * Settles how to reach the cluster of a profile: the first of the consumer's providers that the profile offers, and what
 * the profile says of it. Pure; neither argument is changed; runs nothing. CP-6 to CP-16
 * @throws AccessError naming the profile
 */
export function planConnection(profile: ClusterProfile, file: ProviderFile, options: PlanOptions = {}): ConnectionPlan {
  try {
    return plan(profile, file, options);
  } catch (cause) {
    if (!(cause instanceof AccessError)) throw cause;
    throw new AccessError(`ClusterProfile ${profileKey(profile)}: ${cause.message}`, { cause });
  }
}

/** `namespace/name`. CP-42 */
export const profileKey = ({ metadata }: ClusterProfile): string => `${metadata.namespace}/${metadata.name}`;

/** Equal for equal plans, whatever their objects. */
export const planIdentity = (plan: ConnectionPlan): string => encodeJson(sorted(plan as unknown as JsonValue));

/** Names of the access types that the profile offers only in its older list. CI-31 */
export function deprecatedProviders({ status }: ClusterProfile): readonly string[] {
  const current = new Set((status?.accessProviders ?? []).map(({ name }) => name));
  return (status?.credentialProviders ?? []).map(({ name }) => name).filter((name) => !current.has(name));
}

function plan({ status }: ClusterProfile, file: ProviderFile, options: PlanOptions): ConnectionPlan {
  const offered = new Map<string, AccessProvider>();
  for (const entry of status?.credentialProviders ?? []) offered.set(entry.name, entry);
  for (const entry of status?.accessProviders ?? []) offered.set(entry.name, entry);
  const provider = file.providers.find(({ name }) => offered.has(name));
  if (provider === undefined) {
    const [there, wanted] = [[...offered.keys()], file.providers.map(({ name }) => name)].map(listText);
    throw new AccessError(`no access type in common: the profile offers ${there}, the provider file has ${wanted}`);
  }
  const { execConfig } = provider;
  if (execConfig === undefined) {
    throw new AccessError(`the provider "${provider.name}" has no execConfig: say which plugin to run`);
  }
  const cluster = offered.get(provider.name)?.cluster;
  const server = checkServer(cluster?.server);
  const caData = cluster?.['certificate-authority-data'];
  const additions = applyExtensions(
    provider,
    (cluster?.extensions ?? []) as readonly NamedExtension[],
    options.allowedEnvNames,
  );
  const { apiVersion, command, provideClusterInfo = false } = execConfig;
  return {
    provider: provider.name,
    server,
    ...(caData === undefined || caData === '' ? {} : { caPem: pemOf(caData) }),
    ...given('serverName', cluster?.['tls-server-name']),
    insecure: cluster?.['insecure-skip-tls-verify'] === true,
    ...given('proxy', checkProxy(cluster?.['proxy-url'])),
    plugin: {
      apiVersion,
      command,
      args: additions.args,
      env: additions.env,
      ...(provideClusterInfo ? { cluster: clusterInfo(cluster, additions.config) } : {}),
    },
  };
}

/** The names of kubeconfig; data only, never a path. CP-18 */
function clusterInfo(cluster: AccessProvider['cluster'], config: JsonValue | undefined): JsonObject {
  const { 'certificate-authority': _path, extensions: _extensions, ...rest } = cluster ?? { server: '' };
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return { ...(Object.fromEntries(entries) as JsonObject), ...(config === undefined ? {} : { config }) };
}

function checkServer(server: string | undefined): string {
  if (server === undefined || server.trim() === '') throw new AccessError('the access provider has no cluster.server');
  if (!URL.canParse(server)) throw new AccessError(`cluster.server "${server}" is no URL`);
  return server;
}

function checkProxy(proxy: string | undefined): string | undefined {
  if (proxy === undefined || proxy === '') return undefined;
  const protocol = URL.canParse(proxy) ? new URL(proxy).protocol : undefined;
  if (protocol === 'http:' || protocol === 'https:') return proxy;
  throw new AccessError(
    `cluster.proxy-url "${proxy}" cannot be used: only http and https proxies are supported${protocol === 'socks5:' ? ', not socks5' : ''}`,
  );
}

function pemOf(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AccessError('cluster.certificate-authority-data is no base64 of a PEM bundle');
  }
  return text;
}

const given = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, string>);

const listText = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]));
}
