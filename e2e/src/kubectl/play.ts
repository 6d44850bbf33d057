import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Outcome, words } from '../harness/run.ts';
import { type CommandLineTools, commandLineTools, type KubectlVersion } from '../kube/tools.ts';
import type { Line, Scenario } from './line.ts';
import { normalise } from './normalise.ts';

/** A cluster to type at, as its administrator. */
export interface Terminal {
  readonly kubeconfig: string;
  readonly server: string;
  readonly version: KubectlVersion;
  /** For homes and files. */
  readonly dir: string;
}

/** What one line said: normalised. */
export interface Said {
  /** As typed. */
  readonly line: string;
  /** -1 when it was stopped. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly seen: { stdout: string; stderr: string };
  readonly ended: Promise<number>;
}

interface Playing {
  readonly terminal: Terminal;
  readonly tools: CommandLineTools;
  readonly home: string;
  readonly values: Map<string, string>;
  readonly running: Map<string, Running>;
}

const patienceMs = 30_000;

/** Where a scenario's objects lie; made before it is played. */
export const namespaceOf = ({ version }: Terminal, { name }: Scenario): string => `k-${version}-${name}`;

/** Types the scenario's lines, one after the other. @throws Error when a preparation fails */
export async function play(terminal: Terminal, scenario: Scenario): Promise<Said[]> {
  const home = join(terminal.dir, `${scenario.name}-${terminal.version}`);
  await mkdir(home, { recursive: true });
  const values = new Map([
    ['ns', namespaceOf(terminal, scenario)],
    ['dir', home],
    ['server', terminal.server],
    ['kubeconfig', terminal.kubeconfig],
  ]);
  for (const [name, content] of Object.entries(scenario.files ?? {})) {
    await mkdir(join(home, name, '..'), { recursive: true });
    await writeFile(join(home, name), filled(values, content));
    if (content.startsWith('#!')) await chmod(join(home, name), 0o755);
  }
  const tools = await commandLineTools(terminal.version);
  const playing: Playing = { terminal, tools, home, values, running: new Map() };
  const said: Said[] = [];
  try {
    for (const line of scenario.lines) {
      const outcome = await outcomeOf(playing, line);
      if (line.silent === true && outcome?.code !== 0) {
        throw new Error(`${scenario.name}: ${shown(line)}: ${outcome?.stdout}${outcome?.stderr}`);
      }
      if (outcome === undefined || line.silent === true) continue;
      const view = line.view ?? ((text: string) => text);
      const place = { dir: home, server: terminal.server };
      said.push({
        line: shown(line),
        code: outcome.code ?? -1,
        stdout: view(normalise(outcome.stdout, place)),
        stderr: normalise(outcome.stderr, place),
      });
    }
  } finally {
    for (const { child } of playing.running.values()) child.kill('SIGKILL');
  }
  return said;
}

/** Undefined: it runs on. */
async function outcomeOf(playing: Playing, line: Line): Promise<Outcome | undefined> {
  if (line.ends !== undefined) return endOf(playing, line.ends, line.lines);
  if (line.begins !== undefined) {
    const running = start(playing, line);
    playing.running.set(line.begins, running);
    // A watch shows what there is at once; what waits for something says nothing before that.
    await untilTrue(() => running.seen.stdout !== '', 1_500);
    return undefined;
  }
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const outcome = await finished(start(playing, line));
    const { until, capture } = line;
    if (until !== undefined && !until.test(outcome.stdout) && Date.now() < deadline) continue;
    if (capture !== undefined) playing.values.set(capture, outcome.stdout.trim());
    return outcome;
  }
}

async function endOf({ running }: Playing, name: string, lines: number | undefined): Promise<Outcome> {
  const one = running.get(name);
  if (one === undefined) throw new Error(`nothing began as ${name}`);
  running.delete(name);
  if (lines === undefined) return finished(one);
  await untilTrue(() => one.seen.stdout.split('\n').length > lines, patienceMs);
  one.child.kill('SIGKILL');
  const outcome = await finished(one);
  return { ...outcome, code: undefined, stdout: outcome.stdout.split('\n').slice(0, lines).join('\n') };
}

function start({ terminal, tools, home, values }: Playing, line: Line): Running {
  const args = words(line.args).map((word) => filled(values, word));
  const namespaced = args.includes('-n') || args.includes('-A') ? [] : ['-n', values.get('ns') ?? ''];
  const env = Object.entries(line.env ?? {}).map(([name, value]) => [name, filled(values, value)]);
  const child = spawn(tools[line.program ?? 'kubectl'], [...args, ...namespaced], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: terminal.kubeconfig, ...Object.fromEntries(env) },
  });
  const seen = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.stderr += text;
  });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(filled(values, inputOf(line)));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 2 * patienceMs);
  void ended.finally(() => clearTimeout(timer)).catch(() => {});
  return { child, seen, ended };
}

async function finished({ ended, seen }: Running): Promise<Outcome> {
  const code = await ended;
  return { code, ...seen };
}

async function untilTrue(condition: () => boolean, patience: number): Promise<void> {
  const deadline = Date.now() + patience;
  while (!condition() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
}

function inputOf({ input = '' }: Line): string {
  return typeof input === 'string' ? input : input.map((object) => JSON.stringify(object)).join('\n');
}

function filled(values: ReadonlyMap<string, string>, text: string): string {
  return text.replace(/\{(\w+)\}/g, (found, name: string) => values.get(name) ?? found);
}

function shown(line: Line): string {
  const program = line.program === undefined ? '' : `${line.program} `;
  return line.ends === undefined ? `${program}${words(line.args).join(' ')}` : `(${line.ends} ended)`;
}
