/** Strict PEM: labelled base64 blocks, nothing between them but white space. */
// No part of it can end in more than one place: who may ask for a certificate may send any text. BI-27
const block = /-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----/g;

/**
 * The contents of all blocks of this label. Text of any other kind in it (headers, other labels, prose) makes it
 * empty, so that nobody reads a part and believes it was all.
 */
export function decodePem(text: string, label: string): Buffer[] {
  const contents: Buffer[] = [];
  for (const [, found, body = ''] of text.matchAll(block)) {
    if (found !== label) return [];
    contents.push(Buffer.from(body, 'base64'));
  }
  return text.replace(block, '').trim() === '' ? contents : [];
}

export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
