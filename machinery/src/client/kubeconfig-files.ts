import { readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../wire/value.ts';
import { decodeYaml } from '../wire/yaml.ts';
import { KubeconfigError } from './kubeconfig-schema.ts';

/** @param where how the kubeconfig is called in errors. @throws KubeconfigError */
export function parseKubeconfig(text: string, where = 'the kubeconfig'): JsonValue {
  try {
    return decodeYaml(text).value;
  } catch (cause) {
    throw new KubeconfigError(`${where} is no valid YAML: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The kubeconfig at a path, or those at several as `KUBECONFIG` lists them, merged as kubectl does: the first file that names a
 * cluster, a user, a context, or the current context, has the say; files that are not there are passed over, unless none is.
 * Paths in each are made absolute, from its own directory.
 * @throws KubeconfigError
 */
export async function readKubeconfigFiles(list: string): Promise<JsonValue> {
  const paths = await pathsIn(list);
  if (paths.length === 1 && paths[0] !== undefined) return located(parseKubeconfig(await read(paths[0])), paths[0]);
  const found: JsonValue[] = [];
  for (const path of paths) {
    if (await isThere(path)) found.push(located(parseKubeconfig(await read(path), `the kubeconfig ${path}`), path));
  }
  if (found.length === 0) throw new KubeconfigError(`there is no kubeconfig at any of: ${paths.join(', ')}`);
  return merged(found.filter(isJsonObject));
}

/** A file may have a colon in its name: one that is there is meant. */
async function pathsIn(list: string): Promise<readonly string[]> {
  if (!list.includes(delimiter) || (await isThere(list))) return [list];
  return [...new Set(list.split(delimiter).filter((path) => path !== ''))];
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(`cannot read the kubeconfig: ${(cause as Error).message}`, { cause });
  }
}

const lists = ['clusters', 'users', 'contexts'] as const;

/** Who looks an entry up by its name finds the first. */
function merged(configs: readonly JsonObject[]): JsonObject {
  const current = configs.map((config) => config['current-context']).find((name) => name !== undefined && name !== '');
  return {
    ...(current === undefined ? {} : { 'current-context': current }),
    ...Object.fromEntries(lists.map((list) => [list, configs.flatMap((config) => entriesOf(config, list))])),
  };
}

function entriesOf(config: JsonObject, list: string): JsonValue[] {
  const entries = config[list];
  return Array.isArray(entries) ? entries : [];
}

const pathFields = { cluster: ['certificate-authority'], user: ['client-certificate', 'client-key', 'tokenFile'] };

function located(config: JsonValue, path: string): JsonValue {
  if (!isJsonObject(config)) return config;
  const directory = dirname(resolve(path));
  const place = (list: string, field: 'cluster' | 'user'): JsonValue[] =>
    entriesOf(config, list).map((entry) => {
      const value = isJsonObject(entry) ? entry[field] : undefined;
      if (!isJsonObject(entry) || !isJsonObject(value)) return entry;
      const absolute = pathFields[field].flatMap((name) => {
        const text = value[name];
        return typeof text === 'string' && text !== '' ? [[name, resolve(directory, text)] as const] : [];
      });
      return { ...entry, [field]: { ...value, ...Object.fromEntries(absolute) } };
    });
  return {
    ...config,
    ...(config.clusters === undefined ? {} : { clusters: place('clusters', 'cluster') }),
    ...(config.users === undefined ? {} : { users: place('users', 'user') }),
  };
}
