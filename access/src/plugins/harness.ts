import { decodeJson, encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { execInfoVariable } from '../exec-credential.ts';
import { flagProblem } from './flags.ts';

/** What a plugin is asked. CP-17, CP-18 */
export interface PluginRequest {
  /** `https://host:port` of the cluster; empty for a plugin that said it need not know. */
  readonly server: string;
  /** `spec.cluster.config`: settings of this plugin for this cluster. Absent: none. */
  readonly config: JsonValue | undefined;
  /** What the consumer's provider file gives on the command line, after the plugin's name. */
  readonly args: readonly string[];
}

/** `status` of the ExecCredential. Secret. */
export interface PluginCredential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  /** RFC 3339. Absent: no expiry. */
  readonly expirationTimestamp?: string;
}

/** A credentials plugin: what a consumer runs to reach one cluster. CP-17 to CP-22 */
export interface Plugin {
  /** Also the prefix of its messages. */
  readonly name: string;
  /**
   * What may stand on its command line, each with a value; anything else is refused. Absent: arguments are passed over, as the
   * plugins of upstream do that it stands for.
   */
  readonly flags?: readonly string[];
  /** Whether these arguments say all that it has to know of the cluster. Default: they never do. */
  readonly needsNoCluster?: (args: readonly string[]) => boolean;
  credential(request: PluginRequest, environment: PluginEnvironment): Promise<PluginCredential>;
}

export type PluginEnvironment = Readonly<Record<string, string | undefined>>;

/** What a plugin's process ends with. */
export interface PluginResult {
  readonly exitCode: 0 | 1;
  readonly stdout: string;
  readonly stderr: string;
}

const apiVersion = 'client.authentication.k8s.io/v1';

/**
 * One run of a plugin: input from the environment, an ExecCredential on standard output, or `[NAME] message` on standard
 * error and exit code 1. Never throws.
 */
export async function runPluginProgram(
  plugin: Plugin,
  environment: PluginEnvironment,
  args: readonly string[] = [],
): Promise<PluginResult> {
  try {
    const problem = plugin.flags && flagProblem(args, plugin.flags);
    if (problem !== undefined) throw new Error(problem);
    const mayBeUntold = plugin.needsNoCluster?.(args) === true;
    const request = readRequest(environment[execInfoVariable], mayBeUntold);
    const status = await plugin.credential({ ...request, args }, environment);
    const output = { apiVersion, kind: 'ExecCredential', status: { ...status } };
    return { exitCode: 0, stdout: `${encodeJson(output)}\n`, stderr: '' };
  } catch (error) {
    return { exitCode: 1, stdout: '', stderr: `[${plugin.name}] ${(error as Error).message}\n` };
  }
}

function readRequest(text: string | undefined, mayBeUntold: boolean): Omit<PluginRequest, 'args'> {
  if (text === undefined || text === '') {
    throw new Error(
      `${execInfoVariable} is not set: this program is run by Kubernetes clients, as a credentials plugin`,
    );
  }
  const info = decode(text);
  if (info.apiVersion !== apiVersion || info.kind !== 'ExecCredential') {
    throw new Error(`${execInfoVariable} must hold an ExecCredential of ${apiVersion}`);
  }
  const cluster = isJsonObject(info.spec) && isJsonObject(info.spec.cluster) ? info.spec.cluster : {};
  const server = typeof cluster.server === 'string' ? cluster.server.trim() : '';
  if (!mayBeUntold && (server === '' || server === 'null')) {
    throw new Error('spec.cluster.server is missing: set provideClusterInfo to true where this plugin is configured');
  }
  return { server, config: cluster.config ?? undefined };
}

function decode(text: string): JsonObject {
  try {
    const { value } = decodeJson(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new Error(`${execInfoVariable} is no JSON: ${(cause as Error).message}`, { cause });
  }
  throw new Error(`${execInfoVariable} is no JSON object`);
}

/** A string of the plugin's settings. @throws Error naming the field */
export function setting(config: JsonValue | undefined, field: string): string {
  const value = optionalSetting(config, field);
  if (value === undefined) throw new Error(`${field} is missing in the extension client.authentication.k8s.io/exec`);
  return value;
}

export function optionalSetting(config: JsonValue | undefined, field: string): string | undefined {
  const value = isJsonObject(config) ? config[field] : undefined;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new Error(`${field} in the extension client.authentication.k8s.io/exec must be a string`);
}
