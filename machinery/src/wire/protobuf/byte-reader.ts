import { unstorable } from '../text.ts';
import { WireError } from '../value.ts';

/** How the bytes of a field are delimited. Groups (3, 4) are obsolete, but unknown ones are still skipped. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf's primitives from a part of a buffer. Every read checks the end, so truncated or lying input is a
 * WireError with the byte offset and never reads beyond its part. KA-30, BI-1
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** A varint below 2^53 as number, else as bigint: unsigned, as on the wire. */
  varint(): number | bigint {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 7; count++) {
      if (at >= end) throw this.fail('truncated');
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      factor *= 128;
    }
    let big = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      if (at >= end) throw this.fail('truncated');
      const byte = bytes[at++] as number;
      big |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        const wrapped = BigInt.asUintN(64, big);
        return wrapped <= Number.MAX_SAFE_INTEGER ? Number(wrapped) : wrapped;
      }
    }
    throw this.fail('a number longer than 64 bits');
  }

  /** Field number and wire type. */
  tag(): { number: number; wireType: number } {
    const start = this.at;
    const tag = this.varint();
    if (typeof tag === 'bigint' || tag > 0xffffffff || tag < 8) throw this.fail('invalid field tag', start);
    return { number: Math.floor(tag / 8), wireType: tag % 8 };
  }

  int32(): number {
    return Number(BigInt.asIntN(32, BigInt(this.varint())));
  }

  /** A bigint beyond 2^53. */
  int64(): number | bigint {
    const value = this.varint();
    if (typeof value === 'number') return value;
    const signed = BigInt.asIntN(64, value);
    const asNumber = Number(signed);
    return Number.isSafeInteger(asNumber) ? asNumber : signed;
  }

  double(): number {
    const start = this.skipBytes(8);
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 8);
    const value = view.getFloat64(0, true);
    if (!Number.isFinite(value)) throw this.fail('a number that JSON cannot say', start);
    return value;
  }

  /** The part that a length announces. */
  part(): ByteReader {
    const length = this.varint();
    const start = this.at;
    if (typeof length === 'bigint' || length > this.end - start) throw this.fail('truncated');
    this.at = start + length;
    return new ByteReader(this.bytes, start, start + length);
  }

  /** All bytes left in this part, without copying. */
  rest(): Uint8Array {
    const rest = this.bytes.subarray(this.at, this.end);
    this.at = this.end;
    return rest;
  }

  /** A length and a text. Invalid UTF-8 and NUL are refused. BI-6 */
  string(): string {
    const part = this.part();
    const start = part.at;
    const text = decodeText(part);
    if (text === undefined) throw this.fail('invalid UTF-8', start);
    const reason = text.includes('\0') ? unstorable(text) : undefined;
    if (reason !== undefined) throw this.fail(reason, start);
    return text;
  }

  /** Skips the value of an unknown field. */
  skip(wireType: number, depth = 0): void {
    switch (wireType) {
      case wireTypes.varint:
        this.varint();
        return;
      case wireTypes.fixed64:
        this.skipBytes(8);
        return;
      case wireTypes.bytes:
        this.part();
        return;
      case wireTypes.startGroup:
        this.skipGroup(depth);
        return;
      case wireTypes.fixed32:
        this.skipBytes(4);
        return;
      default:
        throw this.fail('invalid wire type');
    }
  }

  fail(what: string, offset = this.at): WireError {
    return new WireError(`invalid protobuf at byte ${offset}: ${what}`, { offset });
  }

  private skipGroup(depth: number): void {
    if (depth > 32) throw this.fail('groups nested too deep');
    for (;;) {
      const { wireType } = this.tag();
      if (wireType === wireTypes.endGroup) return;
      this.skip(wireType, depth + 1);
    }
  }

  private skipBytes(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw this.fail('truncated');
    this.at = start + count;
    return start;
  }
}

/** Short ASCII, which is most names and keys, is put together by hand: a third of the decoder's fixed cost. */
function decodeText(part: ByteReader): string | undefined {
  const { bytes, at, end } = part;
  if (end - at <= 24) {
    let text = '';
    let index = at;
    for (; index < end; index++) {
      const byte = bytes[index] as number;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (index === end) return text;
  }
  try {
    return decoder.decode(bytes.subarray(at, end));
  } catch {
    return undefined;
  }
}
