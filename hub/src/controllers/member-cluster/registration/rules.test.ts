import { AcceptanceRule, CertificateSigningRequest, type MemberCluster, type Stored } from '@quarterdeck/apis';
import { userRequestPem } from '@quarterdeck/apiserver/testing';
import { describe, expect, test } from 'vitest';
import type { JoinToken } from '../../../registration/join-token.ts';
import { member, stored } from '../../../testing/builders.ts';
import type { Write } from '../../writes.ts';
import { decide } from './decide.ts';
import type { Seen } from './seen.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const provisioner = 'system:serviceaccount:infra:provisioner';
const signer = 'kubernetes.io/kube-apiserver-client';

const request = (over: Partial<CertificateSigningRequest['spec']> = {}) =>
  stored(CertificateSigningRequest, 'csr-1', {
    spec: {
      request: Buffer.from(userRequestPem('quarterdeck:member:edge-1:uid-a', ['quarterdeck:members'])).toString(
        'base64',
      ),
      signerName: signer,
      usages: ['client auth', 'digital signature'],
      username: provisioner,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:infra'],
      ...over,
    },
  });
const rule = (name: string, over: Partial<AcceptanceRule['spec']> = {}, clusters = 0) => ({
  clusters,
  rule: stored(AcceptanceRule, name, {
    spec: {
      requesters: [{ kind: 'User' as const, name: provisioner }],
      clusterNames: ['edge-*'],
      signerNames: [signer],
      clusterSet: 'edge',
      maxClusters: 2,
      ...over,
    },
  }),
});
const seen = (over: Partial<Seen> = {}): Seen => ({
  request: request(),
  member: undefined,
  twin: undefined,
  token: undefined,
  rules: [rule('edge')],
  hubUID: 'hub-1',
  waiting: { forName: 0, byRequester: 0, pending: 0 },
  ...over,
});
const summary = (writes: readonly Write[]) => writes.map(({ verb, type }) => `${verb} ${type.kind}`);
const made = ({ writes }: { writes: readonly Write[] }) =>
  writes.flatMap((write) =>
    write.verb !== 'delete' && write.type.kind === 'MemberCluster' ? [write.object as MemberCluster] : [],
  )[0];

test('RG-3 a rule accepts by requester and name, gives set, labels and taints, and is named as what accepted', () => {
  const taints = [{ key: 'edge', effect: 'NoSchedule' as const }];
  const decision = decide(seen({ rules: [rule('edge', { labels: { tier: 'edge' }, taints })] }), now);
  expect([decision.verdict, decision.reason, decision.rule, summary(decision.writes)]).toEqual([
    'Approved',
    'accepted by the AcceptanceRule edge',
    'edge',
    ['createMember MemberCluster', 'updateSubresource CertificateSigningRequest'],
  ]);
  expect(made(decision)).toMatchObject({
    metadata: {
      name: 'edge-1',
      labels: { tier: 'edge' },
      annotations: {
        'quarterdeck.dev/requested-by': 'AcceptanceRule/edge',
        'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge',
      },
    },
    spec: { acceptance: 'Accepted', clusterSet: 'edge', taints },
  });
  expect(decision.writes[0]).toMatchObject({ status: { clusterUID: 'uid-a' } });
});

test.each<{ name: string; over: Partial<Seen> }>([
  { name: 'without any rule', over: { rules: [] } },
  { name: 'of another requester', over: { request: request({ username: 'alice', groups: ['devs'] }) } },
  { name: 'for another name', over: { rules: [rule('core', { clusterNames: ['core-*', 'edge'] })] } },
  { name: 'to a signer that the rule does not name', over: { request: request({ signerName: 'example.com/ca' }) } },
  {
    name: 'by a group that only begins alike',
    over: { rules: [rule('edge', { requesters: [{ kind: 'Group', name: 'system:serviceaccounts:inf' }] })] },
  },
  {
    name: 'by a rule that is being deleted',
    over: {
      rules: [
        {
          clusters: 0,
          rule: {
            ...rule('edge').rule,
            metadata: { ...rule('edge').rule.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
          },
        },
      ],
    },
  },
])('RG-3 a request $name is not accepted: it waits, and says so', ({ over }) => {
  const decision = decide(seen(over), now);
  expect(decision).toMatchObject({ writes: [], verdict: 'Unknown' });
  expect(decision.reason).toMatch(/^no join token and no AcceptanceRule lets \S+ join as edge-1$/);
});

test('RG-3 a rule by group and by signer', () => {
  const group = { kind: 'Group' as const, name: 'system:serviceaccounts:infra' };
  const asked = request({ signerName: 'example.com/ca' });
  const rules = [rule('other-ca', { requesters: [group], signerNames: ['example.com/ca'] })];
  expect(decide(seen({ request: asked, rules }), now).verdict).toBe('Approved');
});

test('RG-3 a full rule accepts nobody more, the next rule by name may; who was accepted joins again', () => {
  const full = rule('a-full', {}, 2);
  expect(decide(seen({ rules: [full] }), now)).toEqual({
    writes: [],
    verdict: 'Waiting',
    reason: 'the AcceptanceRule a-full has accepted 2 clusters, all it may',
  });
  expect(decide(seen({ rules: [rule('b-open'), full] }), now).rule).toBe('b-open');
  const again = member('edge-1', { status: { clusterUID: 'uid-a' } });
  expect(decide(seen({ rules: [full], member: again }), now).verdict).toBe('Approved');
});

const token = (over: Partial<JoinToken>): NonNullable<Seen['token']> => ({
  secret: stored(
    { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' } as never,
    't',
    {},
  ),
  token: {
    id: 'abcdef',
    clusterPattern: 'edge-*',
    clusterSet: 'blue',
    labels: { site: 'x' },
    acceptance: 'Pending',
    boundTo: undefined,
    boundAt: undefined,
    reusable: true,
    expiresAt: now + 1,
    ...over,
  },
});
const everyToken = { kind: 'Group' as const, name: 'system:bootstrappers:quarterdeck' };
const byToken = request({ username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers:quarterdeck'] });

test('RG-3 a token says who may ask, and a rule accepts; labels of both are given', () => {
  const rules = [rule('edge', { requesters: [everyToken], labels: { tier: 'edge', site: 'y' } })];
  const decision = decide(seen({ request: byToken, token: token({}), rules }), now);
  expect([decision.verdict, decision.rule]).toEqual(['Approved', 'edge']);
  expect(made(decision)).toMatchObject({
    metadata: {
      labels: { tier: 'edge', site: 'x' },
      annotations: {
        'quarterdeck.dev/requested-by': 'token/abcdef',
        'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge',
      },
    },
    spec: { acceptance: 'Accepted', clusterSet: 'edge' },
  });
});

test('RG-3 a rule made later accepts what the hub registered, and leaves to a person what a person made', () => {
  const pending = (annotations: Record<string, string>): Stored<MemberCluster> =>
    member('edge-1', {
      metadata: { ...member('edge-1').metadata, annotations, labels: { mine: '1' } },
      spec: { acceptance: 'Pending', clusterSet: 'default' },
    });
  const rules = [rule('edge', { requesters: [everyToken], labels: { tier: 'edge' } })];
  const ask = (of: Stored<MemberCluster>) =>
    decide(seen({ request: byToken, token: token({}), rules, member: of }), now);
  const byHub = ask(pending({ 'quarterdeck.dev/requested-by': 'token/abcdef' }));
  expect([byHub.verdict, summary(byHub.writes)]).toEqual(['Waiting', ['update MemberCluster']]);
  expect(made(byHub)).toMatchObject({
    metadata: {
      labels: { tier: 'edge', mine: '1' },
      annotations: { 'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge' },
    },
    spec: { acceptance: 'Accepted', clusterSet: 'edge' },
  });
  expect(ask(pending({}))).toMatchObject({ verdict: 'Waiting', writes: [] });
});

describe('RG-8 a cluster that has joined', () => {
  const joined = (status: 'True' | 'False', more: MemberCluster['status'] = {}) =>
    member('edge-1', {
      metadata: { annotations: { 'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge' } },
      status: {
        clusterUID: 'uid-a',
        conditions: [
          { type: 'Joined', status, reason: 'Any', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
        ],
        ...more,
      },
    });
  const refusal =
    'MemberCluster edge-1 has joined already, and the AcceptanceRule edge is for new ones; for this one: quarterdeck token create --cluster edge-1';

  test.each<{ name: string; member: Stored<MemberCluster>; rules?: Seen['rules'] }>([
    { name: 'by the rule that accepted it', member: joined('True') },
    {
      name: 'by a rule with its very name',
      member: joined('True'),
      rules: [rule('edge', { clusterNames: ['edge-1'] })],
    },
    {
      name: 'just after a denial was taken back, when Joined is still False',
      member: joined('False', { agent: { version: '1.0.0' } }),
    },
  ])('RG-8, RG-3 nobody becomes $name', ({ member, rules = [rule('edge')] }) => {
    const decision = decide(seen({ member, rules }), now);
    expect(decision).toMatchObject({ verdict: 'Denied', reason: refusal });
    expect(summary(decision.writes)).toEqual(['updateSubresource CertificateSigningRequest']);
  });

  test('RG-8, RG-3 comes back by a token for its name, whatever rule there is', () => {
    const own = token({ clusterPattern: 'edge-1', boundTo: undefined });
    const asked = { request: byToken, token: own, member: joined('True') };
    expect(decide(seen(asked), now).verdict).toBe('Approved');
    const [manyNames, byGroup] = [token({}), [rule('edge', { requesters: [everyToken], clusterNames: ['edge-1'] })]];
    expect(decide(seen({ ...asked, token: manyNames, rules: byGroup }), now).verdict).toBe('Denied');
  });

  test('RG-8, RG-4 gives its name to the cluster that shall replace it, by a rule too', () => {
    const was = joined('True', { clusterUID: 'uid-b' });
    const replaced = { ...was, metadata: { ...was.metadata, annotations: { 'quarterdeck.dev/replace-by': 'uid-a' } } };
    expect(decide(seen({ member: was }), now).verdict).toBe('Denied');
    expect(decide(seen({ member: replaced }), now).verdict).toBe('Approved');
  });
});

test('RG-3, RG-22 no rule lets in who is denied', () => {
  const denied = member('edge-1', { spec: { acceptance: 'Denied', clusterSet: 'default' } });
  expect(decide(seen({ member: denied }), now)).toMatchObject({
    verdict: 'Denied',
    reason: 'MemberCluster edge-1 is denied',
  });
});

test('SEC-10, RG-1 what a requester writes on its request carries no authority', () => {
  const annotations = {
    'quarterdeck.dev/accepted-by': 'AcceptanceRule/edge',
    'quarterdeck.dev/requested-by': 'token/abcdef',
    'quarterdeck.dev/replace-by': 'uid-a',
  };
  const marked = { ...request(), metadata: { ...request().metadata, annotations, labels: { tier: 'gold' } } };
  expect(decide(seen({ request: marked, rules: [] }), now)).toMatchObject({ verdict: 'Unknown', writes: [] });
  const taken = member('edge-1', { status: { clusterUID: 'uid-b' } });
  expect(decide(seen({ request: marked, member: taken }), now).verdict).toBe('Denied');
  expect(made(decide(seen({ request: marked }), now))?.metadata.labels).toEqual({});
});
