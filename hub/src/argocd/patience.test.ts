import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { GeneratorAnswer } from './answer.ts';
import { createPatience } from './patience.ts';

const unknown: GeneratorAnswer = { status: 404, body: { message: 'no decision yet' }, mayChange: true };
const refused: GeneratorAnswer = { status: 403, body: { message: 'no' } };
const known: GeneratorAnswer = { status: 200, body: {} };

/** A question on a clock of its own, with what it was answered with so far. */
function asking(answers: readonly GeneratorAnswer[]) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const patience = createPatience(clock, stopping.signal);
  let asked = 0;
  const ask = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? known;
    asked += 1;
    return answer;
  };
  return { clock, stopping, patience, answer: patience.answered(ask), asked: () => asked };
}

test('PD-23 a question that comes before its decision is answered when the decision is there', async () => {
  const { patience, answer, asked } = asking([unknown, unknown, known]);
  await expect.poll(asked).toBe(1);
  patience.changed();
  await expect.poll(asked).toBe(2);
  patience.changed();
  expect(await answer).toBe(known);
});

test('PD-23 a change while the question is being answered is not lost', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const patience = createPatience(fakeClock(), new AbortController().signal);
  let asked = 0;
  const answer = patience.answered(async () => {
    asked += 1;
    if (asked > 1) return known;
    await promise;
    return unknown;
  });
  patience.changed();
  resolve();
  expect(await answer).toBe(known);
});

test('PD-23 what nothing mends is refused after ten seconds, or when the program ends', async () => {
  const late = asking([unknown]);
  await late.clock.advance(9_999);
  expect(late.asked()).toBe(1);
  await late.clock.advance(1);
  expect([await late.answer, late.asked()]).toEqual([unknown, 2]);
  const stopped = asking([unknown]);
  await expect.poll(stopped.asked).toBe(1);
  stopped.stopping.abort(new Error('stopping'));
  expect(await stopped.answer).toBe(unknown);
});

test('PD-25 a refusal that no moment mends is given at once', async () => {
  const { answer, asked } = asking([refused, known]);
  expect([await answer, asked()]).toEqual([refused, 1]);
});
