import { eventually, fakeClock } from '@quarterdeck/machinery/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestWebhook, type TestWebhook } from '../testing/webhook.ts';
import { createWebhookCaller, type WebhookCaller } from './caller.ts';

const clock = fakeClock();
let webhook: TestWebhook;
let caller: WebhookCaller;
beforeEach(async () => {
  webhook = await startTestWebhook((review) => review);
  caller = createWebhookCaller({ clock, resolveService: () => ({ problem: 'nowhere' }) });
});
afterEach(async () => {
  caller[Symbol.dispose]();
  await webhook[Symbol.asyncDispose]();
});

const call = (more: { url?: string; signal?: AbortSignal } = {}) => {
  const { url = webhook.url, signal = new AbortController().signal } = more;
  const config = { url, caBundle: webhook.caBundle };
  return caller.call({ config, review: { kind: 'Review' }, timeoutMs: 30_000, signal });
};

test('KA-106b a webhook is told what is asked, and its answer handed back', async () => {
  expect(await call()).toEqual({ kind: 'Review' });
  expect(webhook.reviews).toEqual([{ kind: 'Review' }]);
});

test('KA-106b a webhook that does not answer in time is given up', async () => {
  webhook.answer = undefined;
  const failure = call().catch((error: unknown) => String(error));
  await eventually(() => webhook.reviews.length === 1, { message: 'the review to arrive' });
  await clock.advance(30_000);
  expect(await failure).toBe(`WebhookCallError: Post "${webhook.url}?timeout=30s": no answer within 30 s`);
});

test('KA-106b a call ends with the request that it is for', async () => {
  webhook.answer = undefined;
  const stop = new AbortController();
  const failure = call({ signal: stop.signal }).catch((error: unknown) => error);
  await eventually(() => webhook.reviews.length === 1, { message: 'the review to arrive' });
  const why = new Error('the client has gone');
  stop.abort(why);
  expect(await failure).toBe(why);
});

test('KA-106b a webhook that is not there, redirects, or answers no object is told as such', async () => {
  const said = (url?: string) => call(url === undefined ? {} : { url }).catch((error: unknown) => String(error));
  webhook.answer = () => ({ status: 301, text: '' });
  expect(await said()).toMatch(/: the answer was 301 Moved Permanently$/);
  webhook.answer = () => ['no object'];
  expect(await said()).toMatch(/: the answer is not an object$/);
  expect(await said('https://127.0.0.1:1/')).toMatch(/: connect ECONNREFUSED 127\.0\.0\.1:1$/);
});
