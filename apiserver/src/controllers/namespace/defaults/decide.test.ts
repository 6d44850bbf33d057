import type { ConfigMap, Namespace, ServiceAccount } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';

const namespace = stored<Namespace>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 't' } });
const account = stored<ServiceAccount>({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'default', namespace: 't' },
});
const rootCa = stored<ConfigMap>({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'kube-root-ca.crt', namespace: 't' },
  data: { 'ca.crt': 'PEM' },
});

test.each([
  {
    name: 'KA-112 both are made',
    seen: { namespace, account: undefined, rootCa: undefined },
    want: {
      createAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 't' } },
      createRootCa: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-root-ca.crt', namespace: 't' },
        data: { 'ca.crt': 'PEM' },
      },
    },
  },
  { name: 'KA-112 nothing to do', seen: { namespace, account, rootCa }, want: {} },
  {
    name: 'KA-112 another CA is replaced',
    seen: { namespace, account, rootCa: { ...rootCa, data: { 'ca.crt': 'OLD' } } },
    want: { updateRootCa: rootCa },
  },
  {
    name: 'KA-112 additions are taken out',
    seen: { namespace, account, rootCa: { ...rootCa, data: { 'ca.crt': 'PEM', more: 'x' } } },
    want: { updateRootCa: rootCa },
  },
  {
    name: 'KA-112 nothing is made in a namespace on its way out',
    seen: {
      namespace: { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      account: undefined,
      rootCa: undefined,
    },
    want: {},
  },
])('$name', ({ seen, want }) => expect(decide(seen, 'PEM')).toEqual(want));
