import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { ConnectHandler } from '../../registry/definition.ts';
import { handleConnect } from './connect.ts';

type Scope = Parameters<typeof handleConnect>[0];
type Connect = Parameters<typeof handleConnect>[1];

const lostAt = 10_000;

/** One request whose credential ends after ten seconds, answered by a piece and then by nothing until its signal aborts. */
async function openAnswer({ query = '', upgrade }: { readonly query?: string; readonly upgrade?: string }) {
  const clock = fakeClock();
  let lose = () => {};
  const scope = {
    server: { clock, store: { get: () => ({}) } },
    request: {
      method: 'GET',
      query: new URLSearchParams(query),
      signal: new AbortController().signal,
      ...(upgrade === undefined ? {} : { upgrade }),
    },
    info: { verb: 'get', name: 'm1', namespace: '', namespaced: false, proxyPath: '/api' },
    resource: { definition: { scope: 'Cluster', group: 'g', plural: 'p' } },
    user: { name: 'ada', groups: [] },
    standing: {
      expiresAt: clock.now() + lostAt,
      hold(onLost: () => void) {
        lose = onLost;
        return { [Symbol.dispose]: () => undefined };
      },
    },
  } as unknown as Scope;
  const handle: ConnectHandler = async ({ signal }) => ({ status: 200, headers: {}, body: pieces(signal) });
  const { body } = await handleConnect(scope, { type: 'connect', verbs: ['get'], handle } as unknown as Connect);
  const said: string[] = [];
  let outcome = 'open';
  const reading = (async () => {
    for await (const piece of body as AsyncIterable<Uint8Array>) said.push(Buffer.from(piece).toString());
  })().then(
    () => {
      outcome = 'ended';
    },
    () => {
      outcome = 'broken off';
    },
  );
  const after = async (ms: number): Promise<string> => {
    await clock.advance(ms);
    await Promise.race([reading, new Promise((resolve) => setImmediate(resolve))]);
    return outcome;
  };
  return { after, lose: () => lose(), said };
}

async function* pieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a piece');
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

test.each([
  { what: 'a watch', query: 'watch=true', upgrade: undefined, atOnce: 'ended', later: 'ended' },
  { what: 'what switched protocols', query: '', upgrade: 'websocket', atOnce: 'broken off', later: 'broken off' },
  { what: 'any other answer', query: 'watch=0', upgrade: undefined, atOnce: 'open', later: 'broken off' },
])('RG-50 when its credential ends by itself, $what is $atOnce, and a minute later $later', async (given) => {
  const { query, upgrade, atOnce, later } = given;
  const { after, said } = await openAnswer({ query, ...(upgrade === undefined ? {} : { upgrade }) });
  expect(await after(lostAt - 1)).toBe('open');
  expect(await after(1)).toBe(atOnce);
  expect(await after(60_000)).toBe(later);
  expect(said).toEqual(['a piece']);
});

test.each([
  { what: 'a watch', query: 'watch=true', want: 'ended' },
  { what: 'any other answer', query: '', want: 'broken off' },
])('RG-22, RG-50 when the right is taken away, $what is $want at once', async ({ query, want }) => {
  const { after, lose } = await openAnswer({ query });
  expect(await after(0)).toBe('open');
  lose();
  expect(await after(0)).toBe(want);
});
