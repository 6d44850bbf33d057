import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildKubeconfig } from '@quarterdeck/machinery';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseForeignKubeconfig } from './own-kubeconfig.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-own-'));
});
afterEach(() => rm(dir, { recursive: true }));

const ofHub = buildKubeconfig({ name: 'quarterdeck', server: 'https://hub', caPem: 'ca', user: { token: 't' } });

test.each([
  { name: 'none', text: undefined, isRefused: false },
  { name: 'one that a hub wrote', text: ofHub, isRefused: false },
  { name: 'one of another cluster', text: ofHub.replaceAll('quarterdeck', 'production'), isRefused: true },
  { name: 'what is no YAML', text: '{', isRefused: true },
  { name: 'an empty file', text: '', isRefused: true },
])('a kubeconfig that stands where the hub writes its own: $name', async ({ text, isRefused }) => {
  const path = join(dir, 'kubeconfig');
  if (text !== undefined) await writeFile(path, text);
  const outcome = await refuseForeignKubeconfig(path).catch(({ message }: Error) => message);
  expect(outcome).toBe(
    isRefused
      ? `${path} is not of a hub, which would write its own there: choose another directory with --data-dir`
      : undefined,
  );
});
