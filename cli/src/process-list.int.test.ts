import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKubeconfig } from '@quarterdeck/machinery';
import { eventually } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../bin/quarterdeck.mjs', import.meta.url));
/** Nobody listens there: the agent goes on trying. */
const nowhere = 'https://127.0.0.1:1';

test('SEC-12 a join token of the command line does not stay in the list of processes', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'qd-process-'));
  const kubeconfig = join(dir, 'member');
  await writeFile(kubeconfig, buildKubeconfig({ name: 'member', server: nowhere, user: { token: 'member' } }));
  const token = 'abcdef.0123456789abcdef';
  const hash = `sha256:${'0'.repeat(64)}`;
  const flags = ['--hub', nowhere, '--cluster-name', 'm1', '--token', token, '--ca-hash', hash];
  const child = spawn(
    process.execPath,
    [program, 'agent', 'run', ...flags, '--kubeconfig', kubeconfig, '--state-dir', join(dir, 'state')],
    { env: { PATH: process.env.PATH }, cwd: dir, stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    const shown = await eventually(
      async () => {
        expect(child.exitCode).toBeNull();
        const line = (await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
        return line.startsWith('quarterdeck') && line;
      },
      { timeoutMs: 60_000 },
    );
    expect(shown).toBe('quarterdeck agent');
  } finally {
    child.kill('SIGKILL');
    await ended;
    await rm(dir, { recursive: true, force: true });
  }
}, 90_000);
