import { goQuote } from '../../schema/go-text.ts';

/** Which part of a URL is read or written; each leaves other characters as they are. */
export type EscapeMode = 'path' | 'host' | 'zone' | 'user' | 'query' | 'fragment';

/** Text that is no URL, in Go's words. */
export class UrlError extends Error {
  override readonly name = 'UrlError';
}

const hostPlain = /[A-Za-z0-9!$&'()*+,;=:[\]<>"\-_.~]/;

/** The characters that stand for themselves. */
const plain: Readonly<Record<EscapeMode, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  host: hostPlain,
  zone: hostPlain,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  query: /[A-Za-z0-9\-_.~]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
};

/** @param bytes one character a byte */
export function escapeUrl(bytes: string, mode: EscapeMode): string {
  return bytes.replace(/[\s\S]/g, (byte) => {
    if (plain[mode].test(byte)) return byte;
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/**
 * @param bytes one character a byte, and so is the result
 * @throws UrlError for an escape that is none or that may not stand there
 */
export function unescapeUrl(bytes: string, mode: EscapeMode): string {
  return bytes.replace(/%[\s\S]{0,2}|[\s\S]/g, (piece) => {
    if (piece.startsWith('%')) return unescapeByte(piece, mode);
    if (piece === '+' && mode === 'query') return ' ';
    const isAscii = piece.charCodeAt(0) < 0x80;
    if ((mode === 'host' || mode === 'zone') && isAscii && !plain[mode].test(piece)) {
      throw new UrlError(`invalid character ${goQuote(piece)} in host name`);
    }
    return piece;
  });
}

/** Whether a path (or fragment) as written needs no further escape. */
export function isEscapedPath(bytes: string): boolean {
  return /^[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]%]*$/.test(bytes);
}

function unescapeByte(piece: string, mode: EscapeMode): string {
  if (!/^%[0-9A-Fa-f]{2}$/.test(piece)) throw badEscape(piece);
  const code = Number.parseInt(piece.slice(1), 16);
  // A host may only escape what is not ASCII, and a zone its percent sign and what is plain in hosts.
  if (mode === 'host' && code < 0x80 && piece !== '%25') throw badEscape(piece);
  const byte = String.fromCharCode(code);
  if (mode === 'zone' && piece !== '%25' && byte !== ' ' && !hostPlain.test(byte)) throw badEscape(piece);
  return byte;
}

function badEscape(piece: string): UrlError {
  return new UrlError(`invalid URL escape ${goQuote(Buffer.from(piece, 'latin1').toString('utf8'))}`);
}
