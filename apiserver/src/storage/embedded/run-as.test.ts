import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedDatabaseError } from './errors.ts';
import { canReach, chooseRunAs } from './run-as.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qd-run-as-'));
  chmodSync(directory, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const root = 'root:x:0:0:root:/root:/bin/sh\n';
const nobody = 'nobody:x:65534:65534::/nonexistent:/bin/false\n';
const postgres = 'postgres:x:70:71::/var/lib/postgresql:/bin/sh\n';

test.each([
  { name: 'an ordinary user runs it under its own name', uid: 1000, passwd: root, want: undefined },
  {
    name: 'root runs it as postgres where there is one',
    uid: 0,
    passwd: root + nobody + postgres,
    want: { name: 'postgres', uid: 70, gid: 71 },
  },
  {
    name: 'root runs it as nobody elsewhere',
    uid: 0,
    passwd: root + nobody,
    want: { name: 'nobody', uid: 65534, gid: 65534 },
  },
])('KA-148 $name', ({ uid, passwd, want }) => {
  const file = join(directory, 'passwd');
  writeFileSync(file, passwd);
  expect(chooseRunAs(uid, file)).toEqual(want);
});

test('KA-148 root with nobody to run it as is told so', () => {
  const file = join(directory, 'passwd');
  writeFileSync(file, root);
  expect(() => chooseRunAs(0, file)).toThrow(EmbeddedDatabaseError);
});

const stranger = { name: 'stranger', uid: 3_999_999, gid: 3_999_999 };

test.each([
  { name: 'open to all', modes: [0o755, 0o711], reaches: true },
  { name: 'closed at its end', modes: [0o755, 0o700], reaches: false },
  { name: 'closed on the way, as in a home', modes: [0o700, 0o755], reaches: false },
  { name: 'readable but not passable', modes: [0o755, 0o744], reaches: false },
])('KA-148 a directory $name is told apart', ({ modes, reaches }) => {
  const outer = mkdtempSync(join(directory, 'd-'));
  const inner = join(outer, 'inner');
  mkdirSync(inner);
  chmodSync(inner, modes[1] ?? 0);
  chmodSync(outer, modes[0] ?? 0);
  expect(canReach(inner, stranger)).toBe(reaches);
  chmodSync(outer, 0o700);
});
