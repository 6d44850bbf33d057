import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { freePorts } from '../kube/ports.ts';
import { startProcess } from '../kube/process.ts';

export interface PartsOptions {
  /** The binary with all of them; what they start by name lies beside it, or on this process's PATH. */
  readonly path: string;
  /** Of each controller's own service account, with Argo CD's namespace in it. */
  readonly kubeconfigs: Readonly<Record<'application-controller' | 'applicationset-controller', string>>;
  /** Work and logs go here; made when missing. */
  readonly dir: string;
}

/** What of Argo CD delivers: both controllers, the repository server and the cache between them. */
export interface Parts extends AsyncDisposable {
  /** Parts that ended, and the last warnings and errors of each, for people. */
  complaints(): Promise<string>;
}

/** Starts all of them at once; they wait for each other by themselves. */
export async function startParts({ path, kubeconfigs, dir }: PartsOptions): Promise<Parts> {
  await mkdir(dir, { recursive: true });
  const ports = await freePorts(7);
  const [redis, repoServer, ...others] = ports.map((port) => `127.0.0.1:${port}`);
  const [repoMetrics, appMetrics, setMetrics, setProbe, setWebhook] = others;
  const portOf = (address = '') => address.split(':')[1] ?? '';
  const args: Readonly<Record<string, readonly (string | undefined)[]>> = {
    redis: [redis],
    'repo-server': [
      ...['--address', '127.0.0.1', '--port', portOf(repoServer), '--redis', redis],
      // without the second, v3.5 refuses the first: it has a default that stands for mutual TLS
      ...['--disable-tls', '--client-ca-path', ''],
      ...['--metrics-address', '127.0.0.1', '--metrics-port', portOf(repoMetrics)],
    ],
    'application-controller': [
      ...['--repo-server', repoServer, '--repo-server-plaintext', '--redis', redis],
      ...['--metrics-port', portOf(appMetrics)],
    ],
    'applicationset-controller': [
      ...['--argocd-repo-server', repoServer, '--repo-server-plaintext'],
      ...['--metrics-addr', setMetrics, '--probe-addr', setProbe, '--webhook-addr', setWebhook],
    ],
  };
  await using cleanup = new AsyncDisposableStack();
  const running: Part[] = [];
  for (const [name, flags] of Object.entries(args)) {
    const home = join(dir, name);
    await mkdir(home, { recursive: true });
    const logFile = join(dir, `${name}.log`);
    const process = await startProcess(path, {
      args: [name, ...flags.map((flag) => flag ?? '')],
      cwd: home,
      logFile,
      env: environment(path, home, (kubeconfigs as Readonly<Record<string, string>>)[name]),
    });
    cleanup.defer(() => process.stop());
    const part: Part = { name, logFile };
    void process.exited.then((how) => {
      part.ended = how;
    });
    running.push(part);
  }
  const owned = cleanup.move();
  return {
    complaints: async () => (await Promise.all(running.map(complaintOf))).join('\n'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Nothing of this machine's but its programs: Git runs as for somebody without settings. */
const environment = (path: string, home: string, kubeconfig: string | undefined): NodeJS.ProcessEnv => ({
  PATH: [dirname(path), process.env.PATH].join(delimiter),
  HOME: home,
  TMPDIR: home,
  ARGOCD_GPG_ENABLED: 'false',
  ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
});

interface Part {
  readonly name: string;
  readonly logFile: string;
  /** How, when it did. */
  ended?: string;
}

async function complaintOf(part: Part): Promise<string> {
  const lines = (await readFile(part.logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  const told = part.ended === undefined ? lines.filter((line) => !/"level":"(info|debug)"/.test(line)) : lines;
  return [`${part.name}${part.ended === undefined ? '' : ` ended: ${part.ended}`}`, ...told.slice(-12)].join('\n  ');
}
