import { CertificateSigningRequest, type Stored } from '@quarterdeck/apis';
import { userRequestPem } from '@quarterdeck/apiserver/testing';
import { expect, test } from 'vitest';
import { member, stored } from '../../../testing/builders.ts';
import { tokenAccess } from './token-access.ts';
import { unansweredOf } from './unanswered.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const m1 = member('m1', { status: { clusterUID: 'uid-a' } });
interface Asked {
  readonly by: string;
  readonly at?: string;
  readonly uid?: string;
  readonly signerName?: string;
  readonly certificate?: string;
  readonly also?: 'Failed' | 'Denied';
}
const request = ({ by, at, uid = 'uid-a', signerName, certificate, also }: Asked): Stored<CertificateSigningRequest> =>
  stored(CertificateSigningRequest, `csr-${by}`, {
    spec: {
      request: Buffer.from(userRequestPem(`quarterdeck:member:m1:${uid}`, ['quarterdeck:members'])).toString('base64'),
      signerName: signerName ?? 'quarterdeck.dev/agent-token',
      usages: [],
      username: by,
    },
    status: {
      ...(certificate === undefined ? {} : { certificate }),
      conditions: [
        ...(at === undefined ? [] : [{ type: 'Approved' as const, status: 'True' as const, lastUpdateTime: at }]),
        ...(also === undefined
          ? []
          : [{ type: also, status: 'True' as const, lastUpdateTime: '2026-01-01T00:09:00Z' }]),
      ],
    },
  });

test('RG-7, RG-1 who was approved less than ten minutes ago, for this very cluster, may fetch its token', () => {
  const requests = [
    request({ by: 'late', at: '2026-01-01T00:09:00Z' }),
    request({ by: 'early', at: '2026-01-01T00:05:00Z' }),
    request({ by: 'passed', at: '2026-01-01T00:00:00Z' }),
    request({ by: 'waiting' }),
    request({ by: 'denied', also: 'Denied' }),
    request({ by: 'other-cluster', at: '2026-01-01T00:09:00Z', uid: 'uid-b' }),
    request({ by: 'certificates', at: '2026-01-01T00:09:00Z', signerName: 'kubernetes.io/kube-apiserver-client' }),
  ];
  expect(tokenAccess(m1, requests, now)).toEqual({
    askers: ['early', 'late'],
    until: Date.parse('2026-01-01T00:15:00Z'),
  });
  expect(tokenAccess(member('m1'), requests, now)).toEqual({ askers: [], until: undefined });
});

const signer = 'kubernetes.io/kube-apiserver-client';
test.each<{ name: string; requests: Asked[]; want: unknown }>([
  { name: 'no request', requests: [], want: undefined },
  { name: 'one that waits for acceptance', requests: [{ by: 'a' }], want: undefined },
  {
    name: 'an approved one without a certificate',
    requests: [{ by: 'a', at: '2026-01-01T00:09:00Z', signerName: signer }],
    want: { awaits: 'certificate', since: Date.parse('2026-01-01T00:09:00Z') },
  },
  {
    name: 'one that was signed',
    requests: [{ by: 'a', at: '2026-01-01T00:09:00Z', signerName: signer, certificate: 'PEM' }],
    want: undefined,
  },
  {
    name: 'one whose signer said why not',
    requests: [{ by: 'a', at: '2026-01-01T00:09:00Z', signerName: signer, also: 'Failed' }],
    want: undefined,
  },
  {
    name: 'the latest counts',
    requests: [
      { by: 'a', at: '2026-01-01T00:08:00Z', signerName: signer },
      { by: 'b', at: '2026-01-01T00:09:00Z' },
    ],
    want: { awaits: 'token', since: Date.parse('2026-01-01T00:09:00Z') },
  },
  { name: 'another cluster', requests: [{ by: 'a', at: '2026-01-01T00:09:00Z', uid: 'uid-b' }], want: undefined },
])('RG-7 what is unanswered: $name', ({ requests, want }) => {
  expect(unansweredOf(m1, requests.map(request))).toEqual(want);
});
