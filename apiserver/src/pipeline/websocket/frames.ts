/** What frames are for: RFC 6455, 5.2. */
export const opcode = { text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Why a connection ends: RFC 6455, 7.4. */
export const closeCode = { normal: 1000, goingAway: 1001, protocolError: 1002 } as const;

const lastFragment = 0x80;
const masked = 0x80;
/** Of frames that control the connection. */
const maxControlBytes = 125;

/** One unfragmented frame of a server, which masks nothing. */
export function serverFrame(kind: number, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHead(kind, payload.byteLength), payload]);
}

function frameHead(kind: number, length: number): Buffer {
  const first = lastFragment | kind;
  if (length <= maxControlBytes) return Buffer.from([first, length]);
  if (length <= 0xffff) {
    const head = Buffer.from([first, 126, 0, 0]);
    head.writeUInt16BE(length, 2);
    return head;
  }
  const head = Buffer.alloc(10);
  head.writeUInt8(first, 0);
  head.writeUInt8(127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

export function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return serverFrame(opcode.close, payload);
}

/** What a client says of the connection; what else it sends is skipped, whatever its size. */
export interface Heard {
  ping(payload: Uint8Array): void;
  /** The client is done; nothing comes after it. */
  close(): void;
  /** The client does not speak the protocol; nothing comes after it. */
  broken(): void;
}

/** Reads what a client sends, in pieces of any size; holds at most one frame that controls the connection. */
export function createFrameReader(heard: Heard): (piece: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  /** Octets of a message that nobody reads. */
  let skipping = 0n;
  let over = false;
  const end = (tell: () => void) => {
    over = true;
    held = Buffer.alloc(0);
    tell();
  };

  /** Whether there may be more in what is held. */
  function step(): boolean {
    if (skipping > 0n) {
      const gone = skipping < BigInt(held.byteLength) ? Number(skipping) : held.byteLength;
      skipping -= BigInt(gone);
      held = held.subarray(gone);
      return held.byteLength > 0;
    }
    const head = readHead(held);
    if (head === undefined) return false;
    const { kind, isMasked, length, bytes } = head;
    const isControl = kind >= opcode.close;
    if (!isMasked || (isControl && (length > BigInt(maxControlBytes) || !head.isLast))) {
      end(() => heard.broken());
      return false;
    }
    if (!isControl) {
      held = held.subarray(bytes);
      skipping = length;
      return held.byteLength > 0;
    }
    const size = bytes + Number(length);
    if (held.byteLength < size) return false;
    const payload = unmask(held.subarray(bytes - 4, bytes), held.subarray(bytes, size));
    held = held.subarray(size);
    if (kind === opcode.close) end(() => heard.close());
    else if (kind === opcode.ping) heard.ping(payload);
    return !over && held.byteLength > 0;
  }

  return (piece) => {
    if (over) return;
    held = held.byteLength === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    while (step());
  };
}

interface FrameHead {
  readonly kind: number;
  readonly isLast: boolean;
  readonly isMasked: boolean;
  /** Of the payload. */
  readonly length: bigint;
  /** Of the head itself, with the mask. */
  readonly bytes: number;
}

/** Undefined: it has not arrived whole. */
function readHead(held: Buffer): FrameHead | undefined {
  if (held.byteLength < 2) return undefined;
  const first = held.readUInt8(0);
  const second = held.readUInt8(1);
  const short = second & 0x7f;
  const longer = short === 127 ? 8 : short === 126 ? 2 : 0;
  const isMasked = (second & masked) !== 0;
  const bytes = 2 + longer + (isMasked ? 4 : 0);
  if (held.byteLength < bytes) return undefined;
  const length = longer === 8 ? held.readBigUInt64BE(2) : longer === 2 ? BigInt(held.readUInt16BE(2)) : BigInt(short);
  return { kind: first & 0x0f, isLast: (first & lastFragment) !== 0, isMasked, length, bytes };
}

function unmask(mask: Uint8Array, payload: Uint8Array): Uint8Array {
  return payload.map((octet, index) => octet ^ (mask[index % 4] ?? 0));
}
