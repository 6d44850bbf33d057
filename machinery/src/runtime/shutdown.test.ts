import { expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { testLogger } from '../testing/test-logger.ts';
import { runServices, type Service } from './shutdown.ts';

function setup() {
  const events: string[] = [];
  const clock = fakeClock();
  const controller = new AbortController();
  const service = (name: string, more: Partial<Service> = {}): Service => ({
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    ...more,
  });
  const run = (services: Service[]) =>
    runServices(services, {
      clock,
      signal: controller.signal,
      stopTimeoutMs: 1000,
      onReady: () => events.push('ready'),
    });
  return { events, clock, service, run, abort: () => controller.abort(new Error('SIGTERM')) };
}

test('KA-145 services start in order and stop in reverse', async () => {
  const { events, clock, service, run, abort } = setup();
  const running = run([service('a'), service('b')]);
  await clock.settle();
  expect(events).toEqual(['start a', 'start b', 'ready']);
  abort();
  await running;
  expect(events.slice(3)).toEqual(['stop b', 'stop a']);
  expect(clock.pendingTimers()).toBe(0);
});

test('a start that fails stops what had started, and is the error', async () => {
  const { events, service, run } = setup();
  const error = new Error('port in use');
  const failing = service('b', { start: () => Promise.reject(error) });
  await expect(run([service('a'), failing, service('c')])).rejects.toBe(error);
  expect(events).toEqual(['start a', 'stop a']);
});

test('a service that breaks down stops all', async () => {
  const { events, service, run, clock } = setup();
  const failed = Promise.withResolvers<never>();
  const running = run([service('a'), service('b', { failed: failed.promise })]);
  running.catch(() => undefined);
  await clock.settle();
  const error = new Error('database gone');
  failed.reject(error);
  await expect(running).rejects.toBe(error);
  expect(events).toEqual(['start a', 'start b', 'ready', 'stop b', 'stop a']);
});

test('a stop while starting starts no more, and is no failure', async () => {
  const { events, service, run, abort } = setup();
  const giveUp = service('b', {
    start: async (signal) => {
      abort();
      signal.throwIfAborted();
    },
  });
  await run([service('a'), giveUp, service('c')]);
  expect(events).toEqual(['start a', 'stop a']);
});

test('stops that fail or hang do not keep the others up, and are reported together', async () => {
  const { events, service, run, clock, abort } = setup();
  const hanging = service('hangs', { stop: () => new Promise(() => undefined) });
  const failing = service('fails', { stop: () => Promise.reject(new Error('oops')) });
  const running = run([service('a'), hanging, failing]).catch((error: unknown) => error);
  await clock.settle();
  abort();
  await clock.advance(1000);
  const error = await running;
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors.map(String)).toEqual([
    'Error: fails: oops',
    'Error: hangs: not down within 1000 ms',
  ]);
  expect(events.at(-1)).toBe('stop a');
});

test('starts, stops and failures are logged by name', async () => {
  const logger = testLogger();
  const { service, clock } = setup();
  const controller = new AbortController();
  const bad = service('bad', { stop: () => Promise.reject(new Error('oops')) });
  const running = runServices([service('good'), bad], { clock, logger, signal: controller.signal });
  await clock.settle();
  controller.abort();
  await expect(running).rejects.toThrow('stopping failed: Error: bad: oops');
  expect(logger.lines.map(({ msg, service: name }) => `${msg}: ${name}`)).toEqual([
    'service started: good',
    'service started: bad',
    'service did not stop cleanly: bad',
    'service stopped: good',
  ]);
});
