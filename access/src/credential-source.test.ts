import { fakeClock } from '@quarterdeck/machinery/testing';
import { describe, expect, test } from 'vitest';
import { createCredentialSource } from './credential-source.ts';
import { AccessError } from './errors.ts';
import type { Credential } from './exec-credential.ts';

/** A plugin that answers as told, and counts. */
function plugin(...answers: (Credential | Error)[]) {
  const clock = fakeClock();
  let runs = 0;
  const source = createCredentialSource({
    clock,
    random: () => 1,
    async obtain() {
      const answer = answers[Math.min(runs++, answers.length - 1)] ?? new Error('no answer');
      await clock.sleep(100);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  /** Asks, and lets the plugin finish. */
  const get = async () => {
    const asked = source.get().catch((error: unknown) => error as AccessError);
    await clock.advance(100);
    return await asked;
  };
  return { clock, source, get, runs: () => runs };
}

describe('a credential source', () => {
  test('CP-14 runs nothing until it is asked', () => {
    expect(plugin({ token: 'a' }).runs()).toBe(0);
  });

  test('CP-25 callers at the same time share one run, later ones its result', async () => {
    const { clock, source, get, runs } = plugin({ token: 'a' });
    const asked = Promise.all([source.get(), source.get(), source.get()]);
    await clock.advance(100);
    expect((await asked).map(({ token }) => token)).toEqual(['a', 'a', 'a']);
    expect(await get()).toEqual({ token: 'a' });
    expect(runs()).toBe(1);
  });

  test('CP-22 without an end it is kept for ever', async () => {
    const { clock, get, runs } = plugin({ token: 'a' });
    await get();
    await clock.advance(365 * 86_400_000);
    await get();
    expect(runs()).toBe(1);
  });

  test('CP-23 after its end the plugin runs again before the next use', async () => {
    const start = fakeClock().now();
    const { clock, get, runs } = plugin({ token: 'a', expiresAt: start + 60_000 }, { token: 'b' });
    await get();
    await clock.advance(59_000);
    expect(await get()).toMatchObject({ token: 'a' });
    await clock.advance(1_000);
    expect(await get()).toEqual({ token: 'b' });
    expect(runs()).toBe(2);
  });

  test('CP-24 a refused credential is replaced before its end, once', async () => {
    const { get, source, runs } = plugin({ token: 'a' }, { token: 'b' });
    const first = (await get()) as Credential;
    source.refused(first);
    source.refused(first);
    const second = await get();
    expect(second).toEqual({ token: 'b' });
    source.refused(first); // a late 401 of the old one says nothing about the new one
    expect(await get()).toBe(second);
    expect(runs()).toBe(2);
  });

  test('CP-29 a plugin that gives the refused credential again is not run for every request', async () => {
    const { clock, get, source, runs } = plugin({ token: 'a' });
    source.refused((await get()) as Credential);
    for (let request = 0; request < 5; request++) source.refused((await get()) as Credential);
    expect(runs()).toBe(2);
    await clock.advance(1_000);
    await get();
    expect(runs()).toBe(3);
  });

  test('CP-29 after a failure it waits, longer each time, and says what failed and when it goes on', async () => {
    const { clock, get, runs } = plugin(new AccessError('no network'), new AccessError('no network'), { token: 'a' });
    expect(await get()).toEqual(new AccessError('no network'));
    expect(await get()).toEqual(new AccessError('no network (tried again in 1 s)'));
    await clock.advance(1_000);
    expect(await get()).toEqual(new AccessError('no network'));
    await clock.advance(1_000);
    expect(await get()).toMatchObject({ message: 'no network (tried again in 1 s)' });
    expect(runs()).toBe(2);
    await clock.advance(1_000);
    expect(await get()).toEqual({ token: 'a' });
  });
});
