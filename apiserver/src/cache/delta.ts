/** A copy that is shorter costs as much to name as to write out. */
const leastCopy = 8;
/** After so many bytes that differ, what follows is looked for elsewhere: something was inserted or taken out. */
const lookAfter = 32;
/** What is looked for, how far ahead, and how often in all: a body that has little in common with its base is found out soon. */
const needleBytes = 24;
const windowBytes = 16 * 1024;
const maxLooks = 64;
/** Compared natively at once. */
const blockBytes = 512;

/**
 * What makes `body` of `base`: pieces that are written out and pieces that are copied, in turns, one character a byte.
 * Undefined where that would take more than half of the body. Fast rather than small: a renewed Lease is 60 bytes.
 */
export function deltaOf(body: Buffer, base: Buffer): string | undefined {
  const most = body.length >>> 1;
  // Room for the piece that is written when the limit is found to be passed.
  const out = Buffer.allocUnsafe(most + 32);
  let used = writeCount(out, 0, body.length);
  let written = 0;
  let at = 0;
  let from = 0;
  /** Where in the base the last copy ended. */
  let copiedTo = 0;
  let looks = 0;
  let lookAt = lookAfter;

  while (at < body.length) {
    const same = equalBytes(body, at, base, from);
    if (same >= leastCopy || (same > 0 && at + same === body.length)) {
      if (used + (at - written) > most) return undefined;
      used = writeCount(out, used, at - written);
      used += body.copy(out, used, written, at);
      used = writeCount(out, used, same);
      used = writeCount(out, used, from);
      at += same;
      from += same;
      written = at;
      copiedTo = from;
      lookAt = at + lookAfter;
      continue;
    }
    at += same + 1;
    from += same + 1;
    if (used + (at - written) > most) return undefined;
    if (at < lookAt || at + needleBytes > body.length || looks === maxLooks) continue;
    looks++;
    lookAt = at + needleBytes;
    const ahead = base.subarray(copiedTo, copiedTo + windowBytes);
    const found = ahead.indexOf(body.subarray(at, at + needleBytes));
    if (found !== -1) from = copiedTo + found;
  }
  if (written === at) return out.toString('latin1', 0, used);
  used = writeCount(out, used, at - written);
  used += body.copy(out, used, written, at);
  return used > most ? undefined : out.toString('latin1', 0, used);
}

/** The body that {@link deltaOf} was given; `base` is the same as then. */
export function applyDelta(delta: string, base: Buffer): Buffer {
  let read = 0;
  const readCount = (): number => {
    let count = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = delta.charCodeAt(read++);
      count += (byte & 0x7f) * scale;
      if (byte < 0x80) return count;
    }
  };
  const body = Buffer.allocUnsafeSlow(readCount());
  let at = 0;
  while (at < body.length) {
    const literal = readCount();
    at += body.write(delta.slice(read, read + literal), at, 'latin1');
    read += literal;
    if (at === body.length) break;
    const length = readCount();
    const from = readCount();
    at += base.copy(body, at, from, from + length);
  }
  return body;
}

/** How many bytes of `a` from `ai` on are those of `b` from `bi` on. */
function equalBytes(a: Buffer, ai: number, b: Buffer, bi: number): number {
  const most = Math.min(a.length - ai, b.length - bi);
  let same = 0;
  while (same + blockBytes <= most && isEqualBlock(a, ai + same, b, bi + same)) same += blockBytes;
  while (same < most && a[ai + same] === b[bi + same]) same++;
  return Math.max(0, same);
}

function isEqualBlock(a: Buffer, ai: number, b: Buffer, bi: number): boolean {
  // Most blocks that differ do so at once, which is cheaper to see than to ask.
  return a[ai] === b[bi] && a.compare(b, bi, bi + blockBytes, ai, ai + blockBytes) === 0;
}

/** Seven bits a byte, the least first. @returns where the next one goes */
function writeCount(out: Buffer, at: number, count: number): number {
  let [rest, next] = [count, at];
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[next++] = (rest % 0x80) | 0x80;
  out[next++] = rest;
  return next;
}
