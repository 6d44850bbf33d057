const simple: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const escapes = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** What a string token stands for; undefined when an escape names no character. @param token with its quotes */
export function stringOf(token: string): string | undefined {
  const { body, raw } = unquote(token);
  if (raw) return body;
  let bad = false;
  const text = body.replace(
    escapes,
    (_, octal?: string, hex?: string, short?: string, long?: string, char?: string) => {
      if (char !== undefined) return simple[char] ?? char;
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
      if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code);
      bad = true;
      return '';
    },
  );
  return bad ? undefined : text;
}

/** What a bytes token stands for; undefined when it has an escape that only strings have. @param token with its prefix */
export function bytesOf(token: string): Uint8Array | undefined {
  const { body, raw } = unquote(token.slice(1));
  if (raw) return utf8.encode(body);
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const found of body.matchAll(escapes)) {
    const [whole, octal, hex, short, long, char] = found;
    if (short !== undefined || long !== undefined) return undefined;
    parts.push(utf8.encode(body.slice(done, found.index)));
    done = found.index + whole.length;
    if (char !== undefined) parts.push(utf8.encode(simple[char] ?? char));
    else parts.push(Uint8Array.of(octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8)));
  }
  parts.push(utf8.encode(body.slice(done)));
  return new Uint8Array(Buffer.concat(parts));
}

const utf8 = new TextEncoder();

function unquote(token: string): { body: string; raw: boolean } {
  const raw = /^[rR]/.test(token);
  const quoted = raw ? token.slice(1) : token;
  const quotes = /^(?:"""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { body: quoted.slice(quotes, -quotes).replace(/\r\n?/g, '\n'), raw };
}
