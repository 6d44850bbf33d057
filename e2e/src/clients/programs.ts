import { spawn } from 'node:child_process';
import { isJsonObject, type JsonObject, parseJson } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import type { Kubectl } from '../harness/kubectl.ts';
import { type ClientBuild, clientBinary } from './binaries.ts';

/** One program of a build, with what it is told by its environment. */
export interface Program {
  readonly name: string;
  readonly build: ClientBuild;
  readonly env?: Readonly<Record<string, string>>;
  /** A name of its own where one program runs twice. */
  readonly as?: string;
}

const informers = (build: ClientBuild): readonly Program[] => [
  { name: 'informers', build, as: 'informers-streamed', env: { KUBE_FEATURE_WatchListClient: 'true' } },
  { name: 'informers', build, as: 'informers-listed', env: { KUBE_FEATURE_WatchListClient: 'false' } },
];
const named = (build: ClientBuild, ...names: readonly string[]): readonly Program[] =>
  names.map((name) => ({ name, build }));

/**
 * All that see the same of any server that keeps the contract; of the older libraries those whose traffic differs.
 * `resume` is another: its server is taken down.
 */
export const programs: readonly Program[] = [
  ...informers('kube-1.35'),
  ...named('kube-1.35', 'order', 'counter', 'leader', 'events', 'apply', 'mapper', 'paging', 'rows', 'protobuf'),
  ...named('kube-1.35', 'reviews', 'deletion', 'controller'),
  ...informers('kube-1.32'),
  ...named('kube-1.32', 'leader', 'events', 'apply', 'protobuf', 'controller'),
  ...named('gitops', 'argo', 'flux'),
];

/** `kube-1.35 order` */
export const titleOf = ({ build, name, as = name }: Program): string => `${build} ${as}`;

/** A namespace for the program alone. */
const namespaceOf = (program: Program): string => `c-${titleOf(program).replace(/[^a-z0-9]+/g, '-')}`;

export interface RunningProgram {
  /** What it saw. @throws Error with what it said when it fails */
  readonly result: Promise<JsonObject>;
  /** Sends a line to its standard input. */
  tell(line: string): void;
  /** Waits until it has said this on standard error. */
  said(text: string): Promise<void>;
}

/** Starts a program in its namespace, which is made for it. */
export async function startProgram(program: Program, admin: Kubectl, kubeconfig: string): Promise<RunningProgram> {
  const namespace = namespaceOf(program);
  const path = await clientBinary(program.build);
  await admin.ok(`create ns ${namespace}`);
  const child = spawn(path, [program.name, '-kubeconfig', kubeconfig, '-namespace', namespace], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...program.env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  const result = new Promise<JsonObject>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) reject(new Error(`${titleOf(program)} ended with ${code}: ${said.stderr.slice(-4000)}`));
      else {
        const value = parseJson(said.stdout.replaceAll(namespace, 'NS'));
        if (isJsonObject(value)) resolve(value);
        else reject(new Error(`${titleOf(program)} printed no object`));
      }
    });
  });
  return {
    result,
    tell: (line) => void child.stdin.write(`${line}\n`),
    said: async (text) =>
      void (await eventually(() => said.stderr.includes(text), { timeoutMs: 60_000, message: text })),
  };
}
