import type { EpochMs } from '@quarterdeck/machinery';
import type { Revision } from '../storage.ts';

/** What the meta row says. */
export interface MetaRow {
  readonly epoch: string;
  readonly counter: Revision;
  readonly compacted: Revision;
  /** Null before the first program came, and where the server may not be asked. */
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
}

/** What the server says of itself; undefined where this user may not ask. */
export interface ServerIdentity {
  readonly systemIdentifier: string;
  /** Rises when a standby is promoted or a backup recovered to a point in time. */
  readonly timeline: number;
}

/** What this process last knew. */
export interface Known {
  readonly epoch: string;
  /** The highest revision it saw issued. */
  readonly revision: Revision;
}

export interface Attachment {
  /** The counter after it was raised. */
  readonly counter: Revision;
  /** Set when this database continues another history than the meta row or this process knew: why. */
  readonly rewritten: string | undefined;
}

/**
 * Decides what a process that (re)connects does with the counter and the history. KA-43, KA-149; design: Never backwards.
 *
 * The counter is raised to the time in microseconds, so that it passes what an older copy of the database has issued.
 * Should that ever not be enough (clocks), it is raised beyond what this process saw. A rewritten history gets another
 * epoch and forgets its log: some of what clients saw may not have happened.
 */
export function decideAttachment(
  meta: MetaRow,
  server: ServerIdentity | undefined,
  known: Known | undefined,
  now: EpochMs,
): Attachment {
  const seen = known?.epoch === meta.epoch ? known.revision : 0;
  const counter = Math.max(meta.counter + 1, seen + 1, Math.floor(now * 1000));
  return { counter, rewritten: rewrittenBecause(meta, server, seen) };
}

function rewrittenBecause(meta: MetaRow, server: ServerIdentity | undefined, seen: Revision): string | undefined {
  if (meta.counter < seen) return `the database is at revision ${meta.counter}, before ${seen} which was seen already`;
  if (server === undefined) return undefined;
  if (meta.systemIdentifier !== null && meta.systemIdentifier !== server.systemIdentifier) {
    return 'the database was copied to another server';
  }
  if (meta.timeline !== null && meta.timeline !== server.timeline) {
    return `the server continues on timeline ${server.timeline} instead of ${meta.timeline}`;
  }
  return undefined;
}
