import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { heldOf, withHeld } from './held.ts';
import { fileStateStore, memoryStateStore } from './state-store.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qd-state-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));
const state = { hubCa: 'ca', certificate: 'cert', key: 'key', pendingKey: 'pending' };
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('RG-5 what was saved is there after a restart, and only the agent reads it', async () => {
  const store = fileStateStore(join(dir, 'agent'));
  expect(await store.load()).toEqual({});
  await store.save(state);
  expect(await fileStateStore(join(dir, 'agent')).load()).toEqual(state);
  expect([await modeOf(join(dir, 'agent')), await modeOf(join(dir, 'agent', 'agent-state.json'))]).toEqual([
    0o700, 0o600,
  ]);
  expect(await readdir(join(dir, 'agent'))).toEqual(['agent-state.json']);
});

test('RG-5 modes that were wider are narrowed by the next save', async () => {
  const store = fileStateStore(dir);
  await store.save(state);
  await chmod(dir, 0o755);
  await chmod(join(dir, 'agent-state.json'), 0o644);
  await store.save({});
  expect([await modeOf(dir), await modeOf(join(dir, 'agent-state.json'))]).toEqual([0o700, 0o600]);
  expect(await store.load()).toEqual({});
});

test('SEC-12 nothing is written through what somebody planted in a directory that was open', async () => {
  const other = join(dir, 'other');
  await writeFile(other, 'theirs');
  const agentDir = join(dir, 'agent');
  await fileStateStore(agentDir).save({});
  await symlink(other, join(agentDir, `agent-state.json.${process.pid}.tmp`));
  await fileStateStore(agentDir).save(state);
  expect([await readFile(other, 'utf8'), await fileStateStore(agentDir).load()]).toEqual(['theirs', state]);
});

test.each(['', '{', '[]', 'null', '"text"', '{"key": 5}'])(
  'a damaged file (%j) is named, with what to do',
  async (text) => {
    await writeFile(join(dir, 'agent-state.json'), text);
    await expect(fileStateStore(dir).load()).rejects.toThrow(
      `${join(dir, 'agent-state.json')} is damaged; remove it and join again with a new token`,
    );
  },
);

test('fields of a later version are no damage', async () => {
  await writeFile(join(dir, 'agent-state.json'), '{"hubCa": "ca", "future": {}}');
  expect(await fileStateStore(dir).load()).toEqual({ hubCa: 'ca' });
});

test('memory forgets nothing while it lasts', async () => {
  const store = memoryStateStore({ hubCa: 'ca' });
  await store.save(state);
  expect(await store.load()).toEqual(state);
});

test('RG-7 a token is kept as a certificate is, and takes its place', async () => {
  const store = fileStateStore(dir);
  const held = {
    make: 'token',
    token: 'a.b.c',
    account: 'quarterdeck-agent-x',
    issued: 1_000,
    expires: 9_000,
  } as const;
  await store.save(withHeld(state, held));
  const kept = await store.load();
  expect(heldOf(kept)).toEqual(held);
  expect(Object.keys(kept).sort()).toEqual(['hubCa', 'token', 'tokenAccount', 'tokenExpires', 'tokenIssued']);
  expect(await modeOf(join(dir, 'agent-state.json'))).toBe(0o600);
  const certificate = { make: 'certificate', certificate: 'cert', key: 'key' } as const;
  expect(withHeld(kept, certificate)).toEqual({ hubCa: 'ca', certificate: 'cert', key: 'key' });
  expect(heldOf({ hubCa: 'ca' })).toBeUndefined();
});
