import {
  CertificateSigningRequest,
  type MemberCluster,
  MemberCluster as MemberClusterKind,
  Secret,
  type Stored,
} from '@quarterdeck/apis';
import { certificateRequestPem, oid, userRequestPem } from '@quarterdeck/apiserver/testing';
import { describe, expect, test } from 'vitest';
import { joinTokenSecret, readJoinToken } from '../../../registration/join-token.ts';
import { member, stored } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { decide } from './decide.ts';
import type { Seen } from './seen.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const group = 'quarterdeck:members';
const honest = userRequestPem('quarterdeck:member:m1:uid-a', [group]);
const bootstrap = {
  username: 'system:bootstrap:abcdef',
  groups: ['system:bootstrappers', 'system:bootstrappers:quarterdeck'],
};
const itself = (name: string) => ({
  username: `quarterdeck:member:${name}:uid-a`,
  groups: [group, 'system:authenticated'],
});

const request = (pem: string, over: Partial<CertificateSigningRequest['spec']> = {}) =>
  stored(CertificateSigningRequest, 'csr-1', {
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth', 'digital signature'],
      ...bootstrap,
      ...over,
    },
  });
/** As a server returns it: stringData has become data. */
const tokenOf = (
  over: Partial<Parameters<typeof joinTokenSecret>[0]> = {},
  boundTo?: string,
): NonNullable<Seen['token']> => {
  const made = joinTokenSecret({
    id: 'abcdef',
    secret: '0123456789abcdef',
    clusterPattern: 'm*',
    clusterSet: 'blue',
    labels: { tier: 'gold' },
    acceptance: 'Accepted',
    reusable: false,
    expiresAt: now + 3_600_000,
    ...over,
  });
  const texts = { ...made.stringData, ...(boundTo === undefined ? {} : { 'quarterdeck-bound-to': boundTo }) };
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  const secret = stored(Secret, 'bootstrap-token-abcdef', {
    metadata: { namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data,
  });
  const token = readJoinToken(secret);
  if (token === undefined) throw new Error('not a token');
  return { secret, token };
};
const withoutEnd = ({ secret }: NonNullable<Seen['token']>): NonNullable<Seen['token']> => {
  const { expiration: _end, ...data } = secret.data ?? {};
  const endless = { ...secret, data };
  const token = readJoinToken(endless);
  if (token === undefined) throw new Error('not a token');
  return { secret: endless, token };
};
const seen = (over: Partial<Seen> = {}): Seen => ({
  request: request(honest),
  member: undefined,
  twin: undefined,
  token: tokenOf(),
  rules: [],
  hubUID: 'hub-1',
  waiting: { forName: 0, byRequester: 0, pending: 0 },
  ...over,
});
const accepted = member('m1');
const known = (clusterUID: string): Stored<MemberCluster> => member('m1', { status: { clusterUID } });
const inState = (acceptance: MemberCluster['spec']['acceptance']) =>
  member('m1', { spec: { acceptance, clusterSet: 'default' } });
const summary = (writes: readonly Write[]) => writes.map(({ verb, type }) => `${verb} ${type.kind}`);

describe('membercluster.registration: joining', () => {
  test('RG-4 a cluster that was named as the replacement takes the name over, and its identity is recorded', () => {
    const replaced = member('m1', {
      metadata: { ...accepted.metadata, annotations: { 'quarterdeck.dev/replace-by': 'uid-a' } },
      status: { clusterUID: 'uid-b' },
    });
    const { verdict, writes } = decide(seen({ member: replaced }), now);
    expect([verdict, summary(writes)]).toEqual([
      'Approved',
      ['update Secret', 'changeStatus MemberCluster', 'updateSubresource CertificateSigningRequest'],
    ]);
    expect(writes[1]).toMatchObject({ object: { status: { clusterUID: 'uid-a' } } });
  });

  test('RG-5 however many wait, an accepted cluster gets its certificate', () => {
    const crowd = { forName: 50, byRequester: 500, pending: 500 };
    expect(decide(seen({ member: accepted, waiting: crowd }), now).verdict).toBe('Approved');
  });

  test('RG-1 the hub makes the MemberCluster, with set, labels and acceptance of the token, and records who it is', () => {
    const { writes, verdict } = decide(seen(), now);
    expect([verdict, summary(writes)]).toEqual([
      'Approved',
      ['update Secret', 'createMember MemberCluster', 'updateSubresource CertificateSigningRequest'],
    ]);
    expect(writes[1]).toEqual({
      verb: 'createMember',
      type: MemberClusterKind,
      object: {
        apiVersion: 'quarterdeck.dev/v1alpha1',
        kind: 'MemberCluster',
        metadata: {
          name: 'm1',
          labels: { tier: 'gold' },
          finalizers: ['quarterdeck.dev/member-cleanup'],
          annotations: {
            'quarterdeck.dev/hub-uid': 'hub-1',
            'quarterdeck.dev/requested-by': 'token/abcdef',
            'quarterdeck.dev/accepted-by': 'token/abcdef',
          },
        },
        spec: { acceptance: 'Accepted', clusterSet: 'blue' },
      },
      status: { clusterUID: 'uid-a' },
    });
  });

  test('RG-3 with a token that accepts nobody the cluster is registered and waits', () => {
    const { writes, verdict } = decide(seen({ token: tokenOf({ acceptance: 'Pending' }) }), now);
    expect([verdict, summary(writes)]).toEqual(['Waiting', ['update Secret', 'create MemberCluster']]);
    expect(writes[1]).toMatchObject({ object: { spec: { acceptance: 'Pending' } } });
    expect(writes[1]).not.toHaveProperty('status');
  });

  test('RG-4 an accepted member is approved after its identity is recorded', () => {
    const { writes, verdict } = decide(seen({ member: accepted }), now);
    expect([verdict, summary(writes)]).toEqual([
      'Approved',
      ['update Secret', 'changeStatus MemberCluster', 'updateSubresource CertificateSigningRequest'],
    ]);
    expect(writes[1]).toMatchObject({ object: { status: { clusterUID: 'uid-a' } } });
    expect(writes[2]).toMatchObject({
      subresource: 'approval',
      object: {
        status: {
          conditions: [
            {
              type: 'Approved',
              status: 'True',
              reason: 'QuarterdeckMember',
              message: 'joined by token',
              lastUpdateTime: '2026-01-01T00:00:00Z',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
        },
      },
    });
  });

  test('RG-2 a single-use token is bound to the first cluster, a reusable one to nobody', () => {
    const bound = decide(seen(), now).writes[0];
    expect(readJoinToken((bound as { object: Secret }).object)?.boundTo).toBe('m1/uid-a');
    const reusable = decide(seen({ token: tokenOf({ reusable: true }) }), now);
    expect(summary(reusable.writes)).toEqual([
      'createMember MemberCluster',
      'updateSubresource CertificateSigningRequest',
    ]);
  });

  test('RG-2 the bound cluster may use its token again, after a crash before its first heartbeat', () => {
    const { verdict, writes } = decide(seen({ member: known('uid-a'), token: tokenOf({}, 'm1/uid-a') }), now);
    expect([verdict, summary(writes)]).toEqual(['Approved', ['updateSubresource CertificateSigningRequest']]);
  });

  describe('RG-8 a cluster that has joined comes back', () => {
    const returning = member('m1', {
      status: {
        clusterUID: 'uid-a',
        conditions: [
          { type: 'Joined', status: 'True', reason: 'Joined', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
      },
    });
    const byPattern =
      'MemberCluster m1 has joined already, and a token for clusters named m* is for new ones; for this one: quarterdeck token create --cluster m1';

    test.each<{ name: string; token: Seen['token']; cluster?: Stored<MemberCluster>; want: [string, string] }>([
      {
        name: 'RG-8, RG-2 by a token for its name',
        token: tokenOf({ clusterPattern: 'm1' }),
        want: ['Approved', 'joined by token'],
      },
      {
        name: 'RG-8, RG-2 by the token that it used',
        token: tokenOf({}, 'm1/uid-a'),
        want: ['Approved', 'joined by token'],
      },
      { name: 'RG-8, RG-2 not by an unused one for many', token: tokenOf(), want: ['Denied', byPattern] },
      { name: 'RG-8, RG-2 nor by one that many use', token: tokenOf({ reusable: true }), want: ['Denied', byPattern] },
      {
        name: 'RG-2 one that died before its first heartbeat may use the token of many again',
        token: tokenOf({ reusable: true }),
        cluster: known('uid-a'),
        want: ['Approved', 'joined by token'],
      },
    ])('$name', ({ token, cluster = returning, want }) => {
      const { verdict, reason } = decide(seen({ member: cluster, token }), now);
      expect([verdict, reason]).toEqual(want);
    });
  });

  test('RG-3 a pending member binds the token and waits', () => {
    const { verdict, reason, writes } = decide(seen({ member: inState('Pending') }), now);
    expect([verdict, reason, summary(writes)]).toEqual([
      'Waiting',
      'MemberCluster m1 is not accepted yet',
      ['update Secret'],
    ]);
  });

  test.each<{ name: string; over: Partial<Seen>; reason: string }>([
    {
      name: 'RG-2 a token for other names',
      over: { token: tokenOf({ clusterPattern: 'edge-*' }) },
      reason: 'the token is for clusters named edge-*, not m1',
    },
    {
      name: 'RG-2 a token that somebody made to live longer than 24 hours',
      over: { token: tokenOf({ expiresAt: now + 26 * 3_600_000 }) },
      reason:
        'the token is good for longer than the 24 hours that a join token may be: make one with quarterdeck token create',
    },
    {
      name: 'RG-2 a token that somebody made to live for ever',
      over: { token: withoutEnd(tokenOf()) },
      reason:
        'the token is good for longer than the 24 hours that a join token may be: make one with quarterdeck token create',
    },
    {
      name: 'RG-2 a dot in a pattern is a dot',
      over: { token: tokenOf({ clusterPattern: '.1' }) },
      reason: 'the token is for clusters named .1, not m1',
    },
    {
      name: 'RG-2 a token that another cluster used',
      over: { token: tokenOf({}, 'm2/uid-b') },
      reason: 'the token was used by another cluster',
    },
    {
      name: 'RG-2 a token that another cluster used under this name',
      over: { token: tokenOf({}, 'm1/uid-b') },
      reason: 'the token was used by another cluster',
    },
    {
      name: 'RG-1 a bootstrap token that is no join token',
      over: { token: undefined },
      reason: 'the bootstrap token is not a join token of this hub, or is spent',
    },
    {
      name: 'RG-4 a cluster that does not say who it is',
      over: { request: request(userRequestPem('quarterdeck:member:m1', [group])) },
      reason:
        'the common name must be quarterdeck:member:NAME:UID, with the uid of the namespace kube-system of the cluster',
    },
    {
      name: 'RG-5 one cluster too many that came by one token and waits',
      over: { member: undefined, waiting: { forName: 0, byRequester: 0, pending: 100 } },
      reason: '100 clusters that came the same way wait for acceptance already; accept or deny those first',
    },
    {
      name: 'RG-4 this cluster under another name',
      over: { twin: member('m0', { status: { clusterUID: 'uid-a' } }) },
      reason: 'this cluster is registered as MemberCluster m0 already',
    },
    {
      name: 'RG-4 another cluster under this name',
      over: { member: known('uid-b') },
      reason:
        'another cluster is registered as MemberCluster m1; to let this one take the name over: kubectl annotate membercluster m1 --overwrite quarterdeck.dev/replace-by=uid-a',
    },
    {
      name: 'RG-4 a third cluster, where another one may take the name over,',
      over: {
        member: member('m1', {
          metadata: { ...accepted.metadata, annotations: { 'quarterdeck.dev/replace-by': 'uid-c' } },
          status: { clusterUID: 'uid-b' },
        }),
      },
      reason:
        'another cluster is registered as MemberCluster m1; to let this one take the name over: kubectl annotate membercluster m1 --overwrite quarterdeck.dev/replace-by=uid-a',
    },
    {
      name: 'RG-5 the fourth request under one name that nobody accepted',
      over: { member: inState('Pending'), waiting: { forName: 3, byRequester: 3, pending: 0 } },
      reason: '3 requests to join as m1 wait already; accept or deny the MemberCluster first',
    },
    {
      name: 'RG-5 one request too many by a token that is good for many',
      over: { member: undefined, waiting: { forName: 0, byRequester: 100, pending: 0 } },
      reason: '100 requests by system:bootstrap:abcdef wait already; accept or deny those first',
    },
    { name: 'RG-22 a denied member', over: { member: inState('Denied') }, reason: 'MemberCluster m1 is denied' },
  ])('$name is denied', ({ over, reason }) => {
    const decision = decide(seen({ member: accepted, ...over }), now);
    expect(decision).toMatchObject({ verdict: 'Denied', reason });
    expect(decision.writes).toMatchObject([
      { object: { status: { conditions: [{ type: 'Denied', reason: 'QuarterdeckRefused', message: reason }] } } },
    ]);
  });
});

describe('membercluster.registration: what is asked for', () => {
  const pem = (spec: Parameters<typeof certificateRequestPem>[0]) => request(certificateRequestPem(spec));
  const subject = [
    [oid.organization, group],
    [oid.commonName, 'quarterdeck:member:m1:uid-a'],
  ] as const;
  const exactly = 'the subject must be exactly CN=quarterdeck:member:m1:uid-a, O=quarterdeck:members';
  const usages = 'the usages must be exactly client auth, digital signature';
  test.each([
    {
      name: 'SEC-2 a second organization',
      asked: pem({ subject: [...subject, [oid.organization, 'system:masters']] }),
      reason: exactly,
    },
    {
      name: 'SEC-2 another organization',
      asked: pem({
        subject: [
          [oid.organization, 'system:masters'],
          [oid.commonName, 'quarterdeck:member:m1:uid-a'],
        ],
      }),
      reason: exactly,
    },
    {
      name: 'SEC-2 no organization',
      asked: pem({ subject: [[oid.commonName, 'quarterdeck:member:m1:uid-a']] }),
      reason: exactly,
    },
    {
      name: 'SEC-2 another attribute of the subject',
      asked: pem({ subject: [...subject, [oid.organizationalUnit, 'x']] }),
      reason: exactly,
    },
    {
      name: 'SEC-2, BI-27 a DNS name',
      asked: pem({ subject, dnsNames: ['*.example.test'] }),
      reason: 'the request must ask for no alternative names and no extensions',
    },
    {
      name: 'SEC-2 an address',
      asked: pem({ subject, addresses: [Buffer.from([10, 0, 0, 1])] }),
      reason: 'the request must ask for no alternative names and no extensions',
    },
    {
      name: 'SEC-2 an extension that is no name, to be a CA',
      asked: pem({ subject, isAuthority: true }),
      reason: 'the request must ask for no alternative names and no extensions',
    },
    {
      name: 'SEC-2 as many usages, and others',
      asked: request(honest, { usages: ['server auth', 'digital signature'] }),
      reason: usages,
    },
    {
      name: 'SEC-2 a usage more',
      asked: request(honest, { usages: ['client auth', 'digital signature', 'server auth'] }),
      reason: usages,
    },
    { name: 'SEC-2 a usage less', asked: request(honest, { usages: ['client auth'] }), reason: usages },
    {
      name: 'SEC-2 a usage twice instead of two',
      asked: request(honest, { usages: ['client auth', 'client auth'] }),
      reason: usages,
    },
  ])('$name is denied', ({ asked, reason }) => {
    expect(decide(seen({ request: asked, member: accepted }), now)).toMatchObject({ verdict: 'Denied', reason });
  });

  test.each(['M1', 'a b', 'a.b', 'x'.repeat(64), '-m1'])(
    'RG-6 the name %j cannot be a cluster and is denied',
    (name) => {
      const asked = request(userRequestPem(`quarterdeck:member:${name}:uid-a`, [group]));
      const decision = decide(seen({ request: asked, token: tokenOf({ clusterPattern: '*' }) }), now);
      expect(decision.verdict).toBe('Denied');
      expect(summary(decision.writes)).toEqual(['updateSubresource CertificateSigningRequest']);
    },
  );

  test.each([
    { name: 'a request of somebody else for something else', asked: request(userRequestPem('alice', ['devs'])) },
    { name: 'something that is no request', asked: request('-----BEGIN NOTHING-----') },
    {
      name: 'a request that was judged',
      asked: { ...request(honest), status: { conditions: [{ type: 'Approved' as const, status: 'True' as const }] } },
    },
  ])('RG-6 $name is none of our business', ({ asked }) => {
    expect(decide(seen({ request: asked, member: accepted }), now)).toEqual({
      writes: [],
      verdict: 'NotOurs',
      reason: '',
    });
  });
});

describe('membercluster.registration: renewing', () => {
  const renewing = (acceptance: MemberCluster['spec']['acceptance'] = 'Accepted') =>
    member('cluster1', { spec: { acceptance, clusterSet: 'default' }, status: { clusterUID: 'uid-a' } });
  const renewal = (name: string, over: Partial<Seen> = {}) =>
    decide(
      seen({
        request: request(userRequestPem('quarterdeck:member:cluster1:uid-a', [group]), itself(name)),
        token: undefined,
        member: renewing(),
        ...over,
      }),
      now,
    );

  test('RG-6 a member renews its own certificate', () => {
    const { verdict, writes } = renewal('cluster1');
    expect([verdict, summary(writes)]).toEqual(['Approved', ['updateSubresource CertificateSigningRequest']]);
  });

  test.each(['cluster1xyz', 'cluster', 'cluster2', 'Cluster1'])('SEC-1 %s may not renew as cluster1', (name) => {
    expect(renewal(name)).toMatchObject({
      verdict: 'Denied',
      reason: `quarterdeck:member:${name}:uid-a may only renew its own certificate`,
    });
  });

  test('RG-4 a cluster that was replaced renews no more, nor does one whose certificate says no cluster', () => {
    const replaced = { ...renewing(), status: { clusterUID: 'uid-b' } };
    expect(renewal('cluster1', { member: replaced })).toMatchObject({
      verdict: 'Denied',
      reason: 'another cluster is MemberCluster cluster1 now',
    });
    const plain = request(userRequestPem('quarterdeck:member:cluster1:uid-a', [group]), {
      username: 'quarterdeck:member:cluster1',
      groups: [group],
    });
    expect(renewal('cluster1', { request: plain }).verdict).toBe('Denied');
  });

  test('SEC-1 the name without the group is no member', () => {
    const asked = request(userRequestPem('quarterdeck:member:cluster1:uid-a', [group]), {
      ...itself('cluster1'),
      groups: ['quarterdeck:members2'],
    });
    expect(renewal('cluster1', { request: asked }).verdict).toBe('Denied');
  });

  test('RG-22 a denied or unknown member does not renew; a pending one waits', () => {
    const verdicts = [
      renewal('cluster1', { member: renewing('Denied') }),
      renewal('cluster1', { member: undefined }),
      renewal('cluster1', { member: renewing('Pending') }),
    ].map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['Denied', 'Denied', 'Waiting']);
  });
});

describe('the make of identity', () => {
  const ofToken = { signerName: 'quarterdeck.dev/agent-token' };
  const answer = (over: Partial<Seen>) => {
    const { verdict, writes } = decide(seen(over), now);
    const last = writes.at(-1);
    const object =
      last === undefined || last.verb === 'delete' ? undefined : (last.object as CertificateSigningRequest);
    return [verdict, object?.status?.conditions?.at(-1)?.reason];
  };

  test.each<{ name: string; over: Partial<Seen>; want: [string, string | undefined] }>([
    {
      name: 'RG-7 a hub that gives tokens says so at once to who asks for a certificate, whatever else would be said',
      over: { gives: 'token', token: undefined },
      want: ['OtherMake', 'QuarterdeckGivesTokens'],
    },
    {
      name: 'RG-7 a hub that gives certificates says so to who asks for a token',
      over: { request: request(honest, ofToken) },
      want: ['OtherMake', 'QuarterdeckGivesCertificates'],
    },
    {
      name: 'RG-7, RG-2 a join token lets in where tokens are given',
      over: { gives: 'token', request: request(honest, ofToken) },
      want: ['Approved', 'QuarterdeckMember'],
    },
    {
      name: 'RG-7, RG-4 another cluster under that name is refused by this make too',
      over: {
        gives: 'token',
        request: request(honest, ofToken),
        member: member('m1', { status: { clusterUID: 'uid-b' } }),
      },
      want: ['Denied', 'QuarterdeckRefused'],
    },
    {
      name: 'RG-7 a member needs no request for its token',
      over: {
        gives: 'token',
        request: request(honest, { ...ofToken, ...itself('m1') }),
        token: undefined,
        member: known('uid-a'),
      },
      want: ['Denied', 'QuarterdeckRefused'],
    },
  ])('$name', ({ over, want }) => {
    expect(answer(over)).toEqual(want);
  });

  test('RG-7, SEC-1 a subject that is not that of an agent is denied for that, and not sent to ask for the other', () => {
    const odd = request(userRequestPem('quarterdeck:member:m1:uid-a', ['system:masters']));
    expect(answer({ gives: 'token', request: odd })).toEqual(['Denied', 'QuarterdeckRefused']);
  });
});
