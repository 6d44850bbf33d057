import { expect, test } from 'vitest';
import { decideAttachment, type Known, type MetaRow, type ServerIdentity } from './identity.ts';

const now = 1_000;
const micros = now * 1000;
const meta: MetaRow = { epoch: 'one', counter: 500, compacted: 0, systemIdentifier: 'server', timeline: 1 };
const server: ServerIdentity = { systemIdentifier: 'server', timeline: 1 };
const fresh: MetaRow = { ...meta, systemIdentifier: null, timeline: null };

interface Case {
  readonly name: string;
  readonly meta?: MetaRow;
  readonly server?: ServerIdentity | undefined;
  readonly known?: Known;
  readonly counter?: number;
  readonly rewritten?: RegExp;
}

test.each<Case>([
  { name: 'a first start raises the counter to now', meta: fresh },
  { name: 'a start on the same server continues' },
  { name: 'a counter ahead of the clock still rises', meta: { ...meta, counter: micros + 5 }, counter: micros + 6 },
  { name: 'a reconnection to the same history continues', known: { epoch: 'one', revision: 500 } },
  { name: 'other processes may have gone on', known: { epoch: 'one', revision: 400 } },
  {
    name: 'a database that went back is another history',
    known: { epoch: 'one', revision: 501 },
    rewritten: /revision 500, before 501/,
  },
  {
    name: 'a database that went back rises beyond what was seen, whatever the clock',
    known: { epoch: 'one', revision: micros + 70 },
    counter: micros + 71,
    rewritten: /before/,
  },
  { name: 'a history that another process began is not begun again', known: { epoch: 'zero', revision: 900 } },
  {
    name: 'a copy on another server is another history',
    server: { systemIdentifier: 'other', timeline: 1 },
    rewritten: /copied/,
  },
  {
    name: 'a promoted standby is another history',
    server: { systemIdentifier: 'server', timeline: 2 },
    rewritten: /timeline 2 instead of 1/,
  },
  { name: 'a server that may not be asked is believed', server: undefined },
])('KA-43 KA-149 $name', (given) => {
  const decided = decideAttachment(given.meta ?? meta, 'server' in given ? given.server : server, given.known, now);
  expect(decided.counter).toBe(given.counter ?? micros);
  if (given.rewritten) expect(decided.rewritten).toMatch(given.rewritten);
  else expect(decided.rewritten).toBeUndefined();
});
