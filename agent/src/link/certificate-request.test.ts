import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { apiError, type CertificateSigningRequest, type KubeObject } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createKey, NotSignedError, RequestDeniedError, requestCertificate } from './certificate-request.ts';

/** Stands for the hub's certificate requests: keeps what is created, and answers each get with the next status. */
function hubThat(...answers: (CertificateSigningRequest['status'] | 'gone')[]) {
  const created: CertificateSigningRequest[] = [];
  const kept = new Set<string>();
  const client = {
    create: (_type: unknown, object: KubeObject) => {
      const name = object.metadata.name ?? '';
      if (kept.has(name)) return Promise.reject(apiError('AlreadyExists', 'there'));
      kept.add(name);
      created.push(object as CertificateSigningRequest);
      return Promise.resolve(object);
    },
    get: (_type: unknown, { name }: { name: string }) => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === 'gone') {
        kept.delete(name);
        return Promise.reject(apiError('NotFound', 'gone'));
      }
      return Promise.resolve({ ...created.at(-1), status: answer });
    },
  };
  return { created, client: client as unknown as Client };
}
const clock = fakeClock();
const ask = async (
  hub: ReturnType<typeof hubThat>,
  key = createKey(),
  { clusterUID = 'uid-1', onWaiting }: { clusterUID?: string; onWaiting?: (name: string) => void } = {},
) => {
  const call = requestCertificate({
    hubClient: hub.client,
    clusterName: 'm1',
    key,
    clusterUID,
    onWaiting,
    clock,
    signal: new AbortController().signal,
  });
  let isDone = false;
  const done = call.then(
    () => {
      isDone = true;
    },
    () => {
      isDone = true;
    },
  );
  // The keys are imported by threads of the crypto library, which no fake clock moves: let them run between its steps.
  while (!isDone) {
    await clock.advance(1_000);
    await setImmediate();
  }
  await done;
  return call;
};
const issued = { certificate: Buffer.from('PEM').toString('base64') };

test('RG-6, RG-4 the request holds exactly the subject of the member, and says which cluster it is', async () => {
  const hub = hubThat({}, issued);
  expect(await ask(hub)).toBe('PEM');
  const [request] = hub.created;
  expect(request?.spec).toMatchObject({
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth', 'digital signature'],
  });
  expect(request?.metadata.annotations).toBeUndefined();
  const parsed = new Pkcs10CertificateRequest(Buffer.from(request?.spec.request ?? '', 'base64').toString('utf8'));
  expect(parsed.subjectName.toJSON()).toEqual([
    { O: ['quarterdeck:members'] },
    { CN: ['quarterdeck:member:m1:uid-1'] },
  ]);
  expect([parsed.extensions.length, await parsed.verify()]).toEqual([0, true]);
});

test('RG-5 the same key asks by the same name, so a restarted agent finds its request', async () => {
  const hub = hubThat(issued);
  const key = createKey();
  await ask(hub, key);
  await ask(hub, key);
  expect(hub.created).toHaveLength(1);
  await ask(hub, createKey());
  expect(hub.created).toHaveLength(2);
});

test('RG-5 who has to wait for a person says so once, and one whom the hub lets in at once never', async () => {
  const told: string[] = [];
  const onWaiting = (name: string) => void told.push(name);
  const waits = Array.from({ length: 12 }, () => ({}));
  const hub = hubThat(...waits, issued);
  expect(await ask(hub, createKey(), { onWaiting })).toBe('PEM');
  expect(told).toEqual([hub.created[0]?.metadata.name]);
  expect(await ask(hubThat({}, {}, issued), createKey(), { onWaiting })).toBe('PEM');
  expect(told).toHaveLength(1);
});

test('RG-5 a request that aged out is sent again', async () => {
  const hub = hubThat({}, 'gone', {}, issued);
  expect(await ask(hub)).toBe('PEM');
  expect(hub.created).toHaveLength(2);
});

test.each(['Denied', 'Failed'] as const)('a request that is %s ends with the words of the hub', async (type) => {
  const refused = ask(hubThat({ conditions: [{ type, status: 'True', message: 'not you' }] }));
  await expect(refused).rejects.toBeInstanceOf(RequestDeniedError);
  await expect(refused).rejects.toThrow('not you');
});

test('RG-7 an approved request that nothing signs is given up, and says so', async () => {
  const approved = { conditions: [{ type: 'Approved' as const, status: 'True' as const }] };
  await expect(ask(hubThat(approved))).rejects.toBeInstanceOf(NotSignedError);
  expect(await ask(hubThat(approved, approved, approved, issued))).toBe('PEM');
});

test('RG-7 a denial carries the word of the hub, so that the other make of identity is known', async () => {
  const reason = 'QuarterdeckGivesTokens';
  const refused = ask(hubThat({ conditions: [{ type: 'Denied', status: 'True', reason, message: 'tokens only' }] }));
  await expect(refused).rejects.toMatchObject({ reason, message: 'tokens only' });
});
