import { wireTypes } from './byte-reader.ts';

/**
 * Writes protobuf's primitives from the last byte to the first: the length of a message is known when its bytes are
 * there, so nothing is measured twice. Callers write fields in descending order and values before their tags.
 */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(512);
  private start = 512;

  /** Bytes written so far; the difference of two is the length of what was written between. */
  get length(): number {
    return this.buffer.length - this.start;
  }

  /** What was written, in reading order; a view that the next write may change. */
  bytes(): Uint8Array {
    return this.buffer.subarray(this.start);
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** The length since `before`, and the tag of a delimited field. */
  delimit(number: number, before: number): void {
    this.varint(this.length - before);
    this.tag(number, wireTypes.bytes);
  }

  /** Negative values take ten bytes, as protobuf's int32 and int64 do. */
  varint(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0) {
      this.bigVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
    let at = this.reserve(length);
    let rest = value;
    for (; length > 1; length--) {
      this.buffer[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[at] = rest;
  }

  string(text: string): void {
    const at = this.reserve(Buffer.byteLength(text));
    this.buffer.write(text, at);
  }

  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
  }

  double(value: number): void {
    const at = this.reserve(8);
    this.buffer.writeDoubleLE(value, at);
  }

  private bigVarint(value: bigint): void {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      if (rest < 128n) {
        bytes.push(Number(rest));
        break;
      }
      bytes.push(Number(rest & 0x7fn) | 0x80);
    }
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
  }

  /** Where the next `count` bytes go. Call it before reading `this.buffer`, which it may replace. */
  private reserve(count: number): number {
    if (count > this.start) {
      const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + count));
      const written = this.bytes();
      grown.set(written, grown.length - written.length);
      this.start = grown.length - written.length;
      this.buffer = grown;
    }
    this.start -= count;
    return this.start;
  }
}
