import { Namespace } from '@quarterdeck/apis';
import { namespaceObject, testLogger } from '@quarterdeck/machinery/testing';
import { test } from 'vitest';
import { startTestControllers } from '../../testing/controllers.ts';

test('dbg', async () => {
  const logger = testLogger();
  await using running = await startTestControllers({ logger });
  const { client } = running;
  await client.create(Namespace, namespaceObject('t'));
  await client.delete(Namespace, { name: 't' });
  await new Promise((r) => setTimeout(r, 1500));
  console.log(logger.lines.filter((l) => l.level !== 'debug').map((l) => JSON.stringify({...l, err: (l.err as {message?: string})?.message})).join('\n'));
  console.log(JSON.stringify(await client.get(Namespace, { name: 't' }), null, 1));
  console.log([...running.server.store.resourceCounts('t')]);
});
