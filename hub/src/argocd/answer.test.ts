import { ClusterProfile } from '@quarterdeck/apis';
import type { FollowedDecision } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { stored } from '../testing/builders.ts';
import { answer, type GeneratorContext, type GeneratorRequest } from './answer.ts';

const decision = (placement: string, names: readonly string[], placementKey?: string): FollowedDecision => ({
  key: `team/key:${placement}`,
  namespace: 'team',
  placementKey,
  labels: { 'quarterdeck.dev/placement': placement },
  clusters: names.map((name) => ({ namespace: 'clusterset-a', name, reason: 'Chosen' })),
  missing: [],
  revision: '1',
  ended: false,
  held: undefined,
});
const m1 = stored(ClusterProfile, 'm1', {
  metadata: { namespace: 'clusterset-a', labels: { region: 'eu' } },
  spec: { displayName: 'Member one', clusterManager: { name: 'quarterdeck' } },
  status: {
    version: { kubernetes: '1.35.4' },
    properties: [{ name: 'price', value: '3' }],
    credentialProviders: [{ name: 'old', cluster: { server: 'https://old' } }],
    accessProviders: [{ name: 'unset' }, { name: 'new', cluster: { server: 'https://new' } }],
  },
});
const context = (over: Partial<GeneratorContext['decisions']> = {}): GeneratorContext => ({
  namespace: 'team',
  readToken: async () => 'secret\n',
  decisions: {
    hasSynced: () => true,
    list: () => [decision('two', ['m1', 'm2'], 'shop'), decision('nowhere', [])],
    profileOf: ({ name }) => (name === 'm1' ? m1 : undefined),
    ...over,
  },
});
/** What Argo CD's ApplicationSet controller sends. */
const call = (parameters: unknown, over: Partial<GeneratorRequest> = {}): GeneratorRequest => ({
  method: 'POST',
  path: '/api/v1/getparams.execute',
  authorization: 'Bearer secret',
  body: Buffer.from(`${JSON.stringify({ applicationSetName: 'shop', input: { parameters } })}\n`),
  ...over,
});

describe('answer', () => {
  test('PD-20 PD-22 parameters of each cluster in order, the one without a profile among them, every key always there', async () => {
    expect(await answer(call({ placement: 'two' }), context())).toEqual({
      status: 200,
      body: {
        output: {
          parameters: [
            {
              name: 'm1',
              profileNamespace: 'clusterset-a',
              index: '0',
              reason: 'Chosen',
              displayName: 'Member one',
              server: 'https://new',
              kubernetesVersion: '1.35.4',
              labels: { region: 'eu' },
              properties: { price: '3' },
            },
            {
              name: 'm2',
              profileNamespace: 'clusterset-a',
              index: '1',
              reason: 'Chosen',
              displayName: 'm2',
              server: '',
              kubernetesVersion: '',
              labels: {},
              properties: {},
            },
          ],
        },
      },
    });
  });

  test('PD-15 nowhere is an answer', async () => {
    const body = { output: { parameters: [] } };
    expect(await answer(call({ placement: 'nowhere' }), context())).toEqual({ status: 200, body });
  });

  test('PD-3 a decision of any scheduler is found by its placement key', async () => {
    expect((await answer(call({ placementKey: 'shop' }), context())).status).toBe(200);
  });

  test.each([
    { name: 'no token', request: call({ placement: 'two' }, { authorization: undefined }), status: 403 },
    { name: 'a wrong token', request: call({ placement: 'two' }, { authorization: 'Bearer secre' }), status: 403 },
    { name: 'another scheme', request: call({ placement: 'two' }, { authorization: 'Basic secret' }), status: 403 },
    { name: 'another path', request: call({}, { path: '/api/v1/other' }), status: 404 },
    { name: 'another method', request: call({}, { method: 'GET' }), status: 405 },
    { name: 'no parameter', request: call({}), status: 400 },
    { name: 'null', request: call(null), status: 400 },
    { name: 'a number', request: call({ placement: 3 }), status: 400 },
    { name: 'both', request: call({ placement: 'two', placementKey: 'shop' }), status: 400 },
    { name: 'another namespace', request: call({ placement: 'two', namespace: 'other' }), status: 400 },
    { name: 'no JSON', request: call({}, { body: Buffer.from('{') }), status: 400 },
    { name: 'no body', request: call({}, { body: Buffer.alloc(0) }), status: 400 },
    { name: 'unknown placement', request: call({ placement: 'three' }), status: 404, mayCome: true },
  ])('PD-25 refused with a message: $name', async ({ request, status, mayCome }) => {
    const { mayChange, ...refused } = await answer(request, context());
    expect(refused).toEqual({ status, body: { message: expect.stringMatching(/.{10}/) } });
    expect(mayChange).toBe(mayCome);
    expect(JSON.stringify(refused.body)).not.toContain('secret');
  });

  test('PD-25 an empty token lets nobody in', async () => {
    const empty = { ...context(), readToken: async () => '\n' };
    expect((await answer(call({ placement: 'two' }, { authorization: 'Bearer ' }), empty)).status).toBe(403);
  });

  test('PD-23 before everything was read, the answer is an error and never an empty list', async () => {
    const refused = await answer(call({ placement: 'two' }), context({ hasSynced: () => false, list: () => [] }));
    expect([refused.status, refused.mayChange]).toEqual([503, true]);
  });

  test('PD-19 two decisions of one placement key are not mixed', async () => {
    const twice = context({ list: () => [decision('a', ['m1'], 'k'), decision('b', ['m2'], 'k')] });
    expect((await answer(call({ placementKey: 'k' }), twice)).status).toBe(409);
  });
});
