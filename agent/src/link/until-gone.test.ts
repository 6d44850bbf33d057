import { apiError, type MemberCluster, StatusReason, type Stored } from '@quarterdeck/apis';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { untilGone } from './until-gone.ts';

const leaving = (message: string) =>
  ({ status: { conditions: [{ type: 'Leaving', status: 'True', message }] } }) as unknown as Stored<MemberCluster>;
const away = () => apiError(StatusReason.ServiceUnavailable, 'connect ECONNREFUSED');
const gone = () => apiError(StatusReason.Forbidden, 'it is no member');

/** What is told when the hub answers so, one after the other. */
async function toldFor(answers: (Stored<MemberCluster> | Error)[]): Promise<string[]> {
  const clock = fakeClock();
  const told: string[] = [];
  const read = async () => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  const ended = untilGone({ read, clock, onProgress: (message) => told.push(message) }, new AbortController().signal);
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  over.catch(() => {});
  while (!isOver) await clock.advance(1_000);
  await over;
  return told;
}

test('RG-40 a hub that restarts while a member leaves is waited for, and what it says then is told', async () => {
  const works = leaving('waiting for Works');
  expect(await toldFor([works, works, away(), away(), works, gone()])).toEqual([
    'waiting for the hub to begin',
    'waiting for Works',
    'the hub does not answer; it goes on with the leaving when it is there, also when this command has ended',
    'waiting for Works',
  ]);
});

test('RG-40 an answer that waiting does not mend ends the waiting', async () => {
  await expect(toldFor([apiError(StatusReason.BadRequest, 'no such thing')])).rejects.toThrow('no such thing');
});
