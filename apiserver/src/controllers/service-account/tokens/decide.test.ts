import type { Secret, ServiceAccount } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';

const account = stored<ServiceAccount>({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'bot', namespace: 'n' },
});
const { uid } = account.metadata;
const named = { 'kubernetes.io/service-account.name': 'bot' };
const full = { 'ca.crt': 'UEVN', namespace: 'bg==', token: 'dA==' };
const secret = (over: Partial<Secret> = {}, annotations: Record<string, string> = named) =>
  stored<Secret>({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    ...over,
    metadata: { name: 's', namespace: 'n', annotations, ...over.metadata },
  });
const marked = { ...named, 'kubernetes.io/service-account.uid': uid };
const run = (of: Partial<Parameters<typeof decide>[0]>) =>
  decide({ secret: secret(), account, caBundle: 'PEM', ...of });

test('KA-117 a new Secret is filled, and needs a token', () => {
  const empty = secret();
  expect(run({ secret: empty })).toEqual({
    type: 'fill',
    needsToken: true,
    secret: {
      ...empty,
      metadata: { ...empty.metadata, annotations: marked },
      data: { 'ca.crt': 'UEVN', namespace: 'bg==' },
    },
  });
});

test.each([
  { name: 'KA-117 one that is full is left', of: { secret: secret({ data: full }, marked) }, want: 'nothing' },
  {
    name: 'KA-117 another CA is replaced, the token stays',
    of: { secret: secret({ data: { ...full, 'ca.crt': 'eA==' } }, marked) },
    want: 'fill',
  },
  { name: 'KA-117 one that nobody may change is left', of: { secret: secret({ immutable: true }) }, want: 'nothing' },
  { name: 'KA-117 one of another type is left', of: { secret: secret({ type: 'Opaque' }) }, want: 'nothing' },
  { name: 'KA-117 one without an account goes', of: { account: undefined }, want: 'delete' },
  {
    name: 'KA-117 one of an account that was made anew goes',
    of: { secret: secret({ data: full }, { ...marked, 'kubernetes.io/service-account.uid': 'earlier' }) },
    want: 'delete',
  },
  {
    name: 'KA-117 one of an account on its way out goes',
    of: { account: { ...account, metadata: { ...account.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } },
    want: 'delete',
  },
])('$name', ({ of, want }) => expect(run(of).type).toBe(want));
