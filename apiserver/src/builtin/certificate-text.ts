import { X509Certificate } from 'node:crypto';
import { goQuote } from '@quarterdeck/machinery';

const begin = '-----BEGIN ';
const dashes = '-----';

/**
 * What is wrong with the certificates that somebody signed: PEM, and nothing but certificates in it; text around the blocks is
 * passed over. Undefined when they are in order. Each part of the text is looked at once. KA-132
 */
export function certificateProblem(pem: string): string | undefined {
  let count = 0;
  for (const block of pem.split(begin).slice(1)) {
    const label = block.slice(0, Math.max(block.indexOf(dashes), 0));
    const end = block.indexOf(`${dashes}END ${label}${dashes}`);
    if (end < 0) continue;
    if (label !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(label)}`;
    const body = block.slice(label.length + dashes.length, end);
    if (body.includes(':')) return 'no PEM block headers are permitted';
    if (!isCertificate(Buffer.from(body, 'base64'))) return 'a CERTIFICATE PEM block holds no certificate';
    count += 1;
  }
  return count === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.equals(der);
  } catch {
    return false;
  }
}
