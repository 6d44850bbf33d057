import { ApiError } from '@quarterdeck/apis';
import { createMetrics } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { createListRoom } from './list-room.ts';

const mb = 1024 * 1024;
const small = 256 * 1024;

/** @param usedMb of a heap of 256 MB */
function roomWith(usedMb = 50) {
  const metrics = createMetrics();
  const room = createListRoom({ heap: { limitBytes: 256 * mb, usedBytes: () => usedMb * mb }, metrics });
  const told = async () => {
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('fleet_apiserver_lists_'));
    return Object.fromEntries(lines.map((line) => line.replace('fleet_apiserver_lists_', '').split(' ')));
  };
  return { room, told };
}

/** What a refusal says; throws what is none. */
function refusal(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (error instanceof ApiError) return [error.code, error.reason, error.status.details?.retryAfterSeconds];
    throw error;
  }
  return undefined;
}

test('F-31 large lists hold a quarter of the heap limit together; the next is told when to ask again', async () => {
  const { room, told } = roomWith();
  const list = { bytes: 500 * mb, inPieces: true };
  const releases = Array.from({ length: 64 }, () => room.take(list));
  expect(refusal(() => room.take(list))).toEqual([429, 'TooManyRequests', 1]);
  expect(refusal(() => room.take({ bytes: small, inPieces: true }))).toBeUndefined();
  expect(await told()).toEqual({ 'refused_total{reason="Bytes"}': '1', under_way_bytes: `${64 * mb}` });
  const [first] = releases;
  first?.();
  first?.();
  room.take(list);
  expect(refusal(() => room.take(list))).toEqual([429, 'TooManyRequests', 1]);
});

test('F-31 a list that nobody waits for any more holds nothing', async () => {
  const { room, told } = roomWith();
  room.take({ bytes: 500 * mb, inPieces: true })();
  expect(await told()).toEqual({ under_way_bytes: '0' });
});

test.each([
  { what: 'fits', usedMb: 50, bytes: 20 * mb, inPieces: false, told: undefined },
  { what: 'does not fit', usedMb: 60, bytes: 20 * mb, inPieces: false, told: [429, 'TooManyRequests', 5] },
  { what: 'is small', usedMb: 255, bytes: small, inPieces: false, told: undefined },
  { what: 'goes out in pieces', usedMb: 255, bytes: 500 * mb, inPieces: true, told: undefined },
])('F-31 of a heap of 256 MB $usedMb MB are in use, and a list $what', ({ usedMb, bytes, inPieces, told }) => {
  expect(refusal(() => roomWith(usedMb).room.take({ bytes, inPieces }))).toEqual(told);
});
