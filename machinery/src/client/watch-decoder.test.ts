import { ApiError, type ConfigMap } from '@quarterdeck/apis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configMap, stored } from '../testing/builders.ts';
import { decodeWatchEvent, LineSplitter } from './watch-decoder.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (frame: unknown) => decodeWatchEvent<ConfigMap>(bytes(JSON.stringify(frame)));

test('KA-85 lines come out whole, however the stream is cut', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.array(fc.nat(12)), (lines, cuts) => {
      const stream = bytes(lines.map((one) => `${one}\n`).join(''));
      const splitter = new LineSplitter();
      const seen: string[] = [];
      let start = 0;
      for (const size of [...cuts, stream.length]) {
        for (const one of splitter.push(stream.subarray(start, start + size))) seen.push(new TextDecoder().decode(one));
        start += size;
      }
      expect(seen).toEqual(lines.filter((one) => one !== ''));
      expect(splitter.pendingBytes).toBe(0);
    }),
  );
});

test('KA-85 what is left after the last line end shows', () => {
  const splitter = new LineSplitter();
  expect([...splitter.push(bytes('{"a":1}\n{"b"'))].map((line) => new TextDecoder().decode(line))).toEqual(['{"a":1}']);
  expect(splitter.pendingBytes).toBe(4);
});

test('KA-86 events carry their objects', () => {
  const object = stored(configMap('a'), 7);
  for (const type of ['ADDED', 'MODIFIED', 'DELETED']) expect(decode({ type, object })).toEqual({ type, object });
});

test('KA-52 KA-86 integers beyond 2^53 survive', () => {
  const line = '{"type":"ADDED","object":{"kind":"Widget","metadata":{"name":"a"},"spec":{"serial":9007199254740993}}}';
  expect(decodeWatchEvent(bytes(line))).toMatchObject({ object: { spec: { serial: 9007199254740993n } } });
});

test.each([
  { annotations: undefined, initialEventsEnd: false },
  { annotations: { 'k8s.io/initial-events-end': 'true' }, initialEventsEnd: true },
])('KA-89 KA-90 a bookmark: initial events end $initialEventsEnd', ({ annotations, initialEventsEnd }) => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '12', annotations } };
  expect(decode({ type: 'BOOKMARK', object })).toEqual({ type: 'BOOKMARK', resourceVersion: '12', initialEventsEnd });
});

test('KA-86 an ERROR event is thrown as its Status', () => {
  const object = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', reason: 'Expired', code: 410 };
  try {
    decode({ type: 'ERROR', object });
    expect.unreachable();
  } catch (error) {
    expect((error as ApiError).status).toEqual(object);
  }
});

test.each(['nonsense', '1', '{}', '{"type":"ADDED"}', '{"type":"ODD","object":{}}', '{"type":"ERROR","object":{}}'])(
  'KA-85 the frame %s is refused',
  (line) => {
    expect(() => decodeWatchEvent(bytes(line))).toThrow(ApiError);
  },
);
