import { Event } from '@quarterdeck/apis';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startTestControllers } from '../../../testing/controllers.ts';

test('KA-141 events go an hour after their last write, not before', async () => {
  const clock = fakeClock();
  await using running = await startTestControllers({ logger: testLogger(), clock });
  const { client } = running;
  const make = (name: string) =>
    client.create(Event, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Namespace', name: 'default', namespace: 'default' },
    });
  const names = async () =>
    (await client.list(Event, { namespace: 'default' })).items.map(({ metadata }) => metadata.name);
  await make('old');
  await clock.advance(30 * 60_000);
  await make('young');
  await clock.advance(29 * 60_000);
  expect(await names()).toEqual(['old', 'young']);
  await eventually(async () => {
    await clock.advance(60_000);
    return (await names()).length === 1;
  });
  expect(await names()).toEqual(['young']);
});
