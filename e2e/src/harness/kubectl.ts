import { commandLineTools, type KubectlVersion } from '../kube/tools.ts';
import { type Outcome, run, words } from './run.ts';

export interface CallOptions {
  /** For `-f -`. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** One kubectl on one cluster. Arguments: one string cut at spaces, or an array. */
export interface Kubectl {
  readonly version: KubectlVersion;
  /** Any outcome. */
  (args: string | readonly string[], options?: CallOptions): Promise<Outcome>;
  /** Its standard output without the last line's end. @throws Error with everything it said when the exit code is not 0 */
  ok(args: string | readonly string[], options?: CallOptions): Promise<string>;
  /** `ok` with `-o json`, parsed. */
  json<T = unknown>(args: string | readonly string[]): Promise<T>;
  /** Uids of objects (`TYPE/NAME`, in that namespace where it is given) in the order asked. */
  uids(names: readonly string[], namespace?: string): Promise<string[]>;
}

export interface KubectlOptions {
  /** Default the newest. */
  readonly version?: KubectlVersion;
  readonly kubeconfig: string;
  /** Its home: the discovery cache lies there. */
  readonly home: string;
}

export async function kubectl({ version = 'v35', kubeconfig, home }: KubectlOptions): Promise<Kubectl> {
  const program = (await commandLineTools(version)).kubectl;
  const call = (args: string | readonly string[], options: CallOptions = {}) =>
    run(program, [...words(args)], {
      ...options,
      env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig, ...options.env },
    });
  const ok = async (args: string | readonly string[], options?: CallOptions) => {
    const { code, stdout, stderr } = await call(args, options);
    if (code !== 0) throw new Error(`kubectl ${words(args).join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout.trimEnd();
  };
  return Object.assign(call, {
    version,
    ok,
    json: async <T>(args: string | readonly string[]) => JSON.parse(await ok([...words(args), '-o', 'json'])) as T,
    uids: async (names: readonly string[], namespace?: string) => {
      const where = namespace === undefined ? [] : ['-n', namespace];
      const one = (name: string) => ok(['get', name, ...where, '-o', 'jsonpath={.metadata.uid}']);
      return await Promise.all(names.map(one));
    },
  });
}
