import { expect, test } from 'vitest';
import { notConnected } from './not-connected.ts';

test('RG-52 a request for a member without a tunnel is told what to look at, another process of the hub where there may be one', () => {
  const alone = notConnected('m1', { isOnlyProcess: true });
  expect([alone.code, alone.message]).toEqual([
    503,
    'm1 has no tunnel to this hub now: its agent is away, or runs without --tunnel',
  ]);
  expect(notConnected('m1', { isOnlyProcess: false }).message).toContain('holds its tunnel to another process');
});
