import { apiError, Event, StatusReason } from '@quarterdeck/apis';
import { eventually, fakeClock, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import type { AdmissionPlugin } from '../../../admission/admission.ts';
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

test('KA-141 an event that may not be deleted keeps no other', async () => {
  const keeping: AdmissionPlugin = {
    name: 'Keeping',
    handles: ({ operation, resource, name }) => operation === 'DELETE' && resource === 'events' && name === 'kept',
    validate() {
      throw apiError(StatusReason.Forbidden, 'this one stays');
    },
  };
  const clock = fakeClock();
  await using running = await startTestControllers({ logger: testLogger(), clock, admission: [keeping] });
  const { client } = running;
  for (const name of ['a', 'kept', 'z']) {
    await client.create(Event, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Namespace', name: 'default', namespace: 'default' },
    });
  }
  const names = async () =>
    (await client.list(Event, { namespace: 'default' })).items.map(({ metadata }) => metadata.name);
  await clock.advance(60 * 60_000);
  await eventually(async () => {
    await clock.advance(60_000);
    return (await names()).length === 1;
  });
  expect(await names()).toEqual(['kept']);
});
