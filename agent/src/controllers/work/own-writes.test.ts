import { stored } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { workWith } from '../../testing/builders.ts';
import { createOwnWrites } from './own-writes.ts';

test('WK-38 only the very state that the agent wrote is its own, of each Work, until the Work is gone', () => {
  const at = (revision: string, name = 'w') => stored(workWith([], { metadata: { name } }), revision);
  const own = createOwnWrites();
  expect(own.isOwn(at('1'))).toBe(false);
  own.wrote(at('2'));
  expect([at('1'), at('2'), at('3'), at('2', 'other')].map(own.isOwn)).toEqual([false, true, false, false]);
  own.wrote(at('4'));
  expect([at('2'), at('4')].map(own.isOwn)).toEqual([false, true]);
  own.forget('member-m1/w');
  expect(own.isOwn(at('4'))).toBe(false);
});
