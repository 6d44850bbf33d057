import { type Secret, Secret as SecretKind } from '@quarterdeck/apis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stored } from '../testing/builders.ts';
import {
  allowsClusterName,
  bindTokenSecret,
  type JoinTokenRequest,
  joinTokenSecret,
  readJoinToken,
} from './join-token.ts';

const asStored = (secret: Secret): Secret => ({
  ...stored(SecretKind, secret.metadata.name ?? '', {}),
  type: secret.type ?? '',
  data: Object.fromEntries(
    Object.entries(secret.stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  ),
});
const request: JoinTokenRequest = {
  id: 'abcdef',
  secret: '0123456789abcdef',
  clusterPattern: 'edge-*',
  clusterSet: 'blue',
  labels: { tier: 'gold', 'example.test/zone': '' },
  acceptance: 'Pending',
  reusable: true,
  expiresAt: Date.parse('2026-01-01T01:00:00Z'),
};

test('RG-2 a token is a standard bootstrap token Secret', () => {
  expect(joinTokenSecret(request)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      expiration: '2026-01-01T01:00:00Z',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:quarterdeck',
      'quarterdeck-cluster-pattern': 'edge-*',
      'quarterdeck-cluster-set': 'blue',
      'quarterdeck-labels': 'tier=gold,example.test/zone=',
      'quarterdeck-acceptance': 'Pending',
      'quarterdeck-reusable': 'true',
    },
  });
});

test('RG-2 what was asked for is read back, and binding is remembered', () => {
  const { secret: _secret, ...rest } = request;
  const secret = asStored(joinTokenSecret(request));
  expect(readJoinToken(secret)).toEqual({ ...rest, boundTo: undefined, boundAt: undefined });
  const at = Date.parse('2026-01-01T00:00:00Z');
  expect(readJoinToken(bindTokenSecret(secret, 'edge-1/uid', at))).toEqual({
    ...rest,
    boundTo: 'edge-1/uid',
    boundAt: at,
  });
});

test('RG-2 a bootstrap token of kubeadm, or any other Secret, is no join token', () => {
  const secret = asStored(joinTokenSecret(request));
  const { 'quarterdeck-cluster-pattern': _pattern, ...kubeadm } = secret.data ?? {};
  expect(readJoinToken({ ...secret, data: kubeadm })).toBeUndefined();
  expect(readJoinToken({ ...secret, type: 'Opaque' })).toBeUndefined();
});

test.each([
  { pattern: 'm1', yes: ['m1'], no: ['m10', 'xm1', 'm'] },
  { pattern: 'edge-*', yes: ['edge-', 'edge-1'], no: ['edge', 'my-edge-1'] },
  { pattern: '*', yes: ['anything'], no: [] },
  { pattern: 'a*c*e', yes: ['ace', 'abcde'], no: ['aec', 'acef'] },
  { pattern: 'a.c', yes: ['a.c'], no: ['abc'] },
  { pattern: '(a+)+', yes: ['(a+)+'], no: ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'] },
])('RG-2 the pattern $pattern allows names as a whole', ({ pattern, yes, no }) => {
  const token = readJoinToken(asStored(joinTokenSecret({ ...request, clusterPattern: pattern })));
  if (token === undefined) throw new Error('no token');
  expect([...yes, ...no].filter((name) => allowsClusterName(token, name))).toEqual(yes);
});

test('RG-2 a pattern without a star allows exactly one name', () => {
  const token = readJoinToken(asStored(joinTokenSecret(request)));
  if (token === undefined) throw new Error('no token');
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', '+', '$', '^', '1'), maxLength: 6 });
  fc.assert(
    fc.property(name, name, (clusterPattern, clusterName) => {
      expect(allowsClusterName({ ...token, clusterPattern }, clusterName)).toBe(clusterPattern === clusterName);
    }),
  );
});
