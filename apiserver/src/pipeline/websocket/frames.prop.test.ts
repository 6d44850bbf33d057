import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeFrame, createFrameReader, opcode, serverFrame } from './frames.ts';

/** A frame as a client sends it: as a server would, but masked. */
function clientFrame(kind: number, payload: Uint8Array, mask: Uint8Array): Buffer {
  const plain = serverFrame(kind, payload);
  const head = Buffer.from(plain.subarray(0, plain.byteLength - payload.byteLength));
  head.writeUInt8(head.readUInt8(1) | 0x80, 1);
  return Buffer.concat([head, mask, payload.map((octet, index) => octet ^ (mask[index % 4] ?? 0))]);
}

/** What a reader hears when the octets arrive in pieces of these sizes, over and over. */
function hear(bytes: Uint8Array, sizes: readonly number[]): string[] {
  const heard: string[] = [];
  const read = createFrameReader({
    ping: (payload) => heard.push(`ping ${Buffer.from(payload).toString('hex')}`),
    close: () => heard.push('close'),
    broken: () => heard.push('broken'),
  });
  for (let start = 0, turn = 0; start < bytes.byteLength; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    read(bytes.subarray(start, end));
    start = end;
  }
  return heard;
}

const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
const ping = fc.uint8Array({ maxLength: 125 }).map((payload) => ({ kind: opcode.ping as number, payload }));
const pong = fc.uint8Array({ maxLength: 125 }).map((payload) => ({ kind: opcode.pong as number, payload }));
const message = fc
  .oneof(fc.integer({ max: 300, min: 0 }), fc.constantFrom(125, 126, 0xffff, 0x10000))
  .map((length) => ({ kind: opcode.binary as number, payload: new Uint8Array(length).fill(0x89) }));

test('KA-85b of whatever a client sends, in whatever pieces, its pings and its goodbye are heard', () => {
  const said = fc.array(fc.tuple(fc.oneof(ping, pong, message), mask), { maxLength: 12 });
  fc.assert(
    fc.property(said, fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }), mask, (frames, sizes, last) => {
      const bytes = frames.map(([{ kind, payload }, key]) => clientFrame(kind, payload, key));
      const end = clientFrame(opcode.close, Uint8Array.of(3, 232), last);
      const pings = frames.flatMap(([{ kind, payload }]) =>
        kind === opcode.ping ? [`ping ${Buffer.from(payload).toString('hex')}`] : [],
      );
      const after = clientFrame(opcode.ping, Uint8Array.of(1), last);
      expect(hear(Buffer.concat([...bytes, end, after]), sizes)).toEqual([...pings, 'close']);
    }),
  );
});

test.each([
  { name: 'a frame without a mask', bytes: serverFrame(opcode.ping, Uint8Array.of(1)) },
  { name: 'a goodbye without a mask', bytes: closeFrame(1000) },
  { name: 'a ping that is too long', bytes: clientFrame(opcode.ping, new Uint8Array(126), new Uint8Array(4)) },
  { name: 'a ping in fragments', bytes: Buffer.from([0x09, 0x80, 0, 0, 0, 0]) },
])('KA-85b $name is against the protocol', ({ bytes }) => {
  expect(hear(bytes, [1])).toEqual(['broken']);
});

test('KA-85b lengths of all three forms', () => {
  const head = (length: number) => {
    const frame = serverFrame(opcode.text, new Uint8Array(length));
    return frame.subarray(0, frame.byteLength - length).toString('hex');
  };
  expect([0, 125, 126, 0xffff, 0x10000].map(head)).toEqual([
    '8100',
    '817d',
    '817e007e',
    '817effff',
    '817f0000000000010000',
  ]);
});
