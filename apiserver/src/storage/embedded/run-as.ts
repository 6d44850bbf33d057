import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';

/** Another user to run the server as: PostgreSQL refuses root. */
export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that exist nearly everywhere and own nothing of worth; none is created. */
const candidates = ['postgres', 'nobody'];

/** @returns undefined for an ordinary user, who runs the server under its own name */
export function chooseRunAs(uid = process.getuid?.() ?? 0, passwd = '/etc/passwd'): RunAs | undefined {
  if (uid !== 0) return undefined;
  const users = parsePasswd(readFileSync(passwd, 'utf8'));
  for (const name of candidates) {
    const user = users.find((entry) => entry.name === name && entry.uid !== 0);
    if (user) return user;
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and there is none of the users ${candidates.join(', ')} to run it as: ` +
      'start as an ordinary user, or use --database',
  );
}

export function parsePasswd(text: string): RunAs[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , uid, gid]) => (name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []));
}

/** Whether that user may pass through every directory down to `path`, by their modes (access lists are not looked at). */
export function canReach(path: string, user: RunAs): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  const passes = ((mode >> shift) & 0o1) === 1;
  const parent = dirname(path);
  return passes && (parent === path || canReach(parent, user));
}
