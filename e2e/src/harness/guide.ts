import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLineTools } from '../kube/tools.ts';
import { program, repository } from './quarterdeck.ts';
import { run } from './run.ts';

/** One thing that a reader of a guide does: writes a file down, or runs commands. */
type GuideStep =
  | { readonly file: string; readonly content: string }
  | { readonly commands: string; readonly expected: string | undefined };

/**
 * What is to be done in a guide, in its order. A fenced block `yaml` whose first line is a comment with a file name is that
 * file; a block `sh` is run; a block `text` right after it is what it prints.
 */
function stepsOf(markdown: string): GuideStep[] {
  const steps: GuideStep[] = [];
  let last: GuideStep | undefined;
  for (const [, language, body = ''] of markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const file = /^# (\S+\.yaml)\n/.exec(body)?.[1];
    if (language === 'yaml' && file !== undefined) last = { file, content: body };
    else if (language === 'sh') last = { commands: body, expected: undefined };
    else if (language === 'text' && last !== undefined && 'commands' in last) {
      steps[steps.length - 1] = { ...last, expected: body };
      last = undefined;
      continue;
    } else {
      last = undefined;
      continue;
    }
    steps.push(last);
  }
  return steps;
}

/** Lines of an output that a guide prints: blanks do not count, `...` stands for anything, alone on a line for any lines. */
function isAsPrinted(expected: string, output: string): boolean {
  const linesOf = (text: string) => text.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  const pattern = linesOf(expected.trim())
    .map((line) => (line === '...' ? '(?:.*\n)*?' : `${line.split('...').map(literally).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${linesOf(output.trim()).join('\n')}\n`);
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

export interface Shell {
  /** Where commands run and files are written. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A directory in which `quarterdeck` and `kubectl` are what this repository tests with. */
export async function guideShell(dir: string, env: Readonly<Record<string, string>>): Promise<Shell> {
  const bin = join(dir, 'bin');
  await mkdir(bin, { recursive: true });
  const tools: Readonly<Record<string, string>> = {
    quarterdeck: `'${process.execPath}' '${program}'`,
    kubectl: `'${(await commandLineTools('v35')).kubectl}'`,
  };
  for (const [name, command] of Object.entries(tools)) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  return { dir, env: { HOME: dir, PATH: `${bin}:${process.env.PATH}`, ...env } };
}

/**
 * Does what a guide of docs/guides says, as its reader would.
 * @returns how many blocks of commands were run
 * @throws Error at the first command that fails, or prints something else than the guide says
 */
export async function followGuide(name: string, { dir, env }: Shell): Promise<number> {
  const steps = stepsOf(await readFile(join(repository, 'docs/guides', `${name}.md`), 'utf8'));
  let count = 0;
  for (const step of steps) {
    if ('file' in step) {
      await writeFile(join(dir, step.file), step.content);
      continue;
    }
    const script = `exec 2>&1\n${step.commands}`;
    const { code, stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      env,
      cwd: dir,
      timeoutMs: 120_000,
    });
    const told = `${name}.md:\n${step.commands}\nprinted:\n${stdout}`;
    if (code !== 0) throw new Error(`exit code ${code} in ${told}`);
    if (step.expected !== undefined && !isAsPrinted(step.expected, stdout))
      throw new Error(`${told}\nbut the guide says:\n${step.expected}`);
    count += 1;
  }
  return count;
}

/**
 * A file that a guide shows, with what is a run's own in the place of what a guide can only name.
 * @param own the guide's word and the run's
 * @throws Error when the guide shows no such file, or it has not the word
 */
export async function guideFile(guide: string, file: string, own: Readonly<Record<string, string>>): Promise<string> {
  const steps = stepsOf(await readFile(join(repository, 'docs/guides', `${guide}.md`), 'utf8'));
  const shown = steps.find((step) => 'file' in step && step.file === file);
  if (shown === undefined || !('content' in shown)) throw new Error(`${guide}.md shows no file ${file}`);
  return Object.entries(own).reduce((text, [word, meant]) => {
    if (!text.includes(word)) throw new Error(`${file} of ${guide}.md does not say ${word}`);
    return text.replaceAll(word, () => meant);
  }, shown.content);
}

/** Ends what a guide leaves running when it fails half way. @param pidFile may be absent */
export async function endProcessOf(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 0) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // it has ended
  }
}
