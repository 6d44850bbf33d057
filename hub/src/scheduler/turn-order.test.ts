import { describe, expect, test } from 'vitest';
import { requestOf } from '../testing/builders.ts';
import type { PlacementRequest } from './placement-request.ts';
import { inOrder } from './turn-order.ts';

type Parts = Partial<Pick<PlacementRequest, 'priority' | 'createdAt' | 'sameAs' | 'otherThan'>>;
const request = (key: string, parts: Parts = {}): PlacementRequest => ({ ...requestOf({}, { key }), ...parts });

/** @returns the keys of those that have a turn, in their order */
function order(requests: readonly PlacementRequest[], withTurn = requests.map(({ key }) => key)): readonly string[] {
  const byKey = new Map(requests.map((each) => [each.key, each]));
  const turns = requests.filter(({ key }) => withTurn.includes(key)).map((each) => ({ request: each }));
  return inOrder(turns, (key) => byKey.get(key)).map(({ request: { key } }) => key);
}

describe('the order of turns', () => {
  test('PL-41 placements come by priority, then by age, then by name', () => {
    const requests = [
      request('c', { createdAt: 1 }),
      request('b', { createdAt: 2 }),
      request('a', { createdAt: 2 }),
      request('d', { createdAt: 9, priority: 1 }),
    ];
    expect(order(requests)).toEqual(['d', 'c', 'a', 'b']);
  });

  test('PL-18, PL-41 nobody comes before those that it relates to, however they relate', () => {
    const requests = [request('a', { sameAs: ['b'] }), request('b', { otherThan: ['c'] }), request('c')];
    expect(order(requests)).toEqual(['c', 'b', 'a']);
  });

  test('PL-41 who relates to a placement of less priority waits for it, and does not pull it before others', () => {
    const requests = [
      request('follower', { priority: 9, sameAs: ['low'] }),
      request('middle', { priority: 5 }),
      request('low'),
    ];
    expect(order(requests)).toEqual(['middle', 'low', 'follower']);
  });

  test('PL-42 two placements stand in the same order whether or not those that they relate to have a turn', () => {
    const requests = [
      request('follower', { priority: 9, sameAs: ['low'] }),
      request('middle', { priority: 5 }),
      request('low'),
    ];
    expect(order(requests, ['middle', 'follower'])).toEqual(['middle', 'follower']);
    expect(order(requests, ['middle', 'low'])).toEqual(['middle', 'low']);
  });

  test('PL-18 a cycle has an end, and a relation to what is not there is none', () => {
    const requests = [
      request('a', { sameAs: ['b'] }),
      request('b', { sameAs: ['a'] }),
      request('c', { sameAs: ['x'] }),
    ];
    expect(order(requests).toSorted()).toEqual(['a', 'b', 'c']);
  });
});
