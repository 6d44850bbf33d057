import { ConfigMap } from '@quarterdeck/apis';
import { expect, test } from 'vitest';
import type { CallOptions, Client } from '../client/client.ts';
import { configMap, stored } from '../testing/builders.ts';
import { fencedClient } from './fenced-client.ts';
import { type HeldLease, LeaseLostError } from './lease.ts';

const object = stored(configMap('a'), 1);
const ref = { namespace: 'default', name: 'a' };

/** A client that notes what is asked and answers when told to. */
function recording() {
  const calls: string[] = [];
  let hold: Promise<unknown> = Promise.resolve();
  const answer =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push(name);
      const options = args.at(-1) as CallOptions | undefined;
      const aborted = new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      });
      await Promise.race([hold, aborted]);
      return object;
    };
  const names = ['get', 'list', 'getRaw', 'create', 'update', 'patch', 'apply', 'delete', 'deleteCollection'];
  const client = {
    ...Object.fromEntries(names.map((name) => [name, answer(name)])),
    watch: () => {
      calls.push('watch');
      return (async function* () {})();
    },
  } as unknown as Client;
  return {
    client,
    calls,
    hang: () => {
      hold = new Promise(() => undefined);
    },
  };
}

function lease(isHeld: boolean): HeldLease & { lose(): void } {
  const controller = new AbortController();
  return {
    isHeld: () => isHeld && !controller.signal.aborted,
    signal: controller.signal,
    lose: () => controller.abort(new LeaseLostError('lost')),
  };
}

const writes: [name: string, write: (client: Client, options?: CallOptions) => Promise<unknown>][] = [
  ['create', (client, options) => client.create(ConfigMap, object, options)],
  ['update', (client, options) => client.update(ConfigMap, object, options)],
  ['patch', (client, options) => client.patch(ConfigMap, ref, { type: 'merge', body: {} }, options)],
  ['apply', (client, options) => client.apply(ConfigMap, object, { fieldManager: 'm', ...options })],
  ['delete', (client, options) => client.delete(ConfigMap, ref, options)],
  ['deleteCollection', (client, options) => client.deleteCollection(ConfigMap, { namespace: 'default', ...options })],
];

test.each(writes)('RL-4 F-19 %s passes while the lease is held, and not after', async (name, write) => {
  const { client, calls } = recording();
  await write(fencedClient(client, lease(true)));
  expect(calls).toEqual([name]);
  await expect(write(fencedClient(client, lease(false)))).rejects.toThrow(LeaseLostError);
  expect(calls).toEqual([name]);
});

test.each(writes)('RL-4 %s under way ends when the lease is lost', async (_, write) => {
  const { client, hang } = recording();
  hang();
  const held = lease(true);
  const running = write(fencedClient(client, held));
  held.lose();
  await expect(running).rejects.toThrow('lost');
});

test('the signal of the caller counts too', async () => {
  const { client, hang } = recording();
  hang();
  const controller = new AbortController();
  const reason = new Error('enough');
  const running = fencedClient(client, lease(true)).create(ConfigMap, object, { signal: controller.signal });
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
});

test('reads pass without a lease', async () => {
  const { client, calls } = recording();
  const fenced = fencedClient(client, lease(false));
  await fenced.get(ConfigMap, ref);
  await fenced.list(ConfigMap);
  await fenced.getRaw('/version');
  for await (const _ of fenced.watch(ConfigMap)) expect.unreachable();
  expect(calls).toEqual(['get', 'list', 'getRaw', 'watch']);
});
