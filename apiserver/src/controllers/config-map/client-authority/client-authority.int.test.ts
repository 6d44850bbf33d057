import { ConfigMap, ignoreNotFound } from '@quarterdeck/apis';
import { eventually, fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { startTestControllers } from '../../../testing/controllers.ts';

const ref = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

test('KA-144d the CAs that vouch for clients are published, and put right again', async () => {
  const clock = fakeClock();
  await using running = await startTestControllers({ clock });
  const { client, pki } = running;
  const made = await eventually(() => ignoreNotFound(client.get(ConfigMap, ref)));
  expect(made.data).toEqual({ 'client-ca-file': pki.caBundle });
  await client.update(ConfigMap, { ...made, data: { 'client-ca-file': 'old', mine: 'x' } });
  await eventually(async () => {
    await clock.advance(60_000);
    expect((await client.get(ConfigMap, ref)).data).toEqual({ 'client-ca-file': pki.caBundle, mine: 'x' });
    return true;
  });
});
