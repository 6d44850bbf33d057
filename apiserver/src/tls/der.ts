/**
 * Reads DER, strictly and without allocating: just enough to see who a certificate or a request names, by bytes rather
 * than by somebody's rendering of a name as text, in which a crafted value can look like two. SEC-1, SEC-2
 */
export interface DerNode {
  /** The identifier octet: class, constructed bit, tag number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** The whole element, header included. */
  readonly bytes: Uint8Array;
}

export const derTag = Object.freeze({
  boolean: 0x01,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context3: 0xa3,
});

export class DerError extends Error {
  override readonly name = 'DerError';
}

/** One element that fills `bytes` to the end. @throws DerError */
export function readDer(bytes: Uint8Array): DerNode {
  const node = elementAt(bytes, 0);
  if (node.bytes.length !== bytes.length) throw new DerError('bytes follow the element');
  return node;
}

/** The elements inside a constructed one. @throws DerError */
export function children(node: DerNode): DerNode[] {
  const nodes: DerNode[] = [];
  for (let offset = 0; offset < node.content.length; ) {
    const child = elementAt(node.content, offset);
    nodes.push(child);
    offset += child.bytes.length;
  }
  return nodes;
}

/** The element, if it has this tag. @throws DerError */
export function expectTag(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new DerError(`expected tag ${tag}, found ${node?.tag ?? 'nothing'}`);
  return node;
}

function elementAt(bytes: Uint8Array, start: number): DerNode {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new DerError('truncated');
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag numbers above 30 are not read');
  let length = first;
  let offset = start + 2;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw new DerError('length is indefinite or too long');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[offset++] ?? Number.NaN);
    if (Number.isNaN(length)) throw new DerError('truncated');
    const isMinimal = length >= 0x80 && (octets === 1 || length >= 256 ** (octets - 1));
    if (!isMinimal) throw new DerError('length is not minimal');
  }
  const end = offset + length;
  if (end > bytes.length) throw new DerError('truncated');
  return { tag, content: bytes.subarray(offset, end), bytes: bytes.subarray(start, end) };
}

/** `2.5.4.3`. @throws DerError */
export function readOid(node: DerNode | undefined): string {
  const { content } = expectTag(node, derTag.oid);
  const arcs: number[] = [];
  let value = 0;
  for (const [index, octet] of content.entries()) {
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new DerError('object identifier is too long');
    if (octet >= 0x80) {
      if (index === content.length - 1) throw new DerError('truncated');
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(Math.floor(value / 40), 2);
      arcs.push(first, value - first * 40);
    } else {
      arcs.push(value);
    }
    value = 0;
  }
  if (arcs.length === 0) throw new DerError('object identifier is empty');
  return arcs.join('.');
}

/** A text value. Other encodings, control characters and broken UTF-8 are refused. @throws DerError */
export function readText(node: DerNode): string {
  const { tag, content } = node;
  if (tag !== derTag.utf8String && tag !== derTag.printableString && tag !== derTag.ia5String) {
    throw new DerError(`text of type ${tag} is not read`);
  }
  const text = decodeUtf8(content);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new DerError('text holds control characters');
  if (tag !== derTag.utf8String && content.some((octet) => octet >= 0x80)) throw new DerError('text is not ASCII');
  return text;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new DerError('text is not UTF-8', { cause });
  }
}
