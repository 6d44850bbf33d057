import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { children, DerError, type DerNode, derTag, expectTag, readDer, readOid } from './der.ts';
import { decodePem } from './pem.ts';
import { readSubject, type Subject } from './subject.ts';

/** A PKCS#10 request whose own signature holds. Everything an approver has to compare is here: SEC-1, SEC-2. */
export interface CertificateRequest {
  readonly subject: Subject;
  /** DER of the subject, to be copied into a certificate as it is. */
  readonly subjectDer: Uint8Array;
  readonly alternativeNames: readonly AlternativeName[];
  /** Object identifiers of all extensions asked for, alternative names included. */
  readonly extensions: readonly string[];
  readonly publicKey: KeyObject;
}

export interface AlternativeName {
  readonly type: 'dns' | 'ip' | 'email' | 'uri' | 'other';
  /** As text; an address in its usual notation; hexadecimal for `other`. */
  readonly value: string;
}

/** Says what is wrong in a few words that fit after `spec.request: Invalid value:`. */
export class CertificateRequestError extends Error {
  override readonly name = 'CertificateRequestError';
}

/** A request with a 4096 bit RSA key is 2 KB; nobody needs more than this. BI-27 */
const maxPemLength = 32_768;
const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAltName = '2.5.29.17';

/** Signature algorithms by object identifier: the hash, or null where the key decides. SHA-1 and MD5 are not here. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

/** @throws CertificateRequestError when it is no request, its signature is bad, or its key is too weak. BI-27 */
export function parseCertificateRequest(pem: string): CertificateRequest {
  if (pem.length > maxPemLength) throw new CertificateRequestError(`must be at most ${maxPemLength} bytes long`);
  const [der, ...more] = decodePem(pem, 'CERTIFICATE REQUEST');
  if (der === undefined || more.length > 0) {
    throw new CertificateRequestError('must be one PEM block of type CERTIFICATE REQUEST');
  }
  try {
    return read(der);
  } catch (error) {
    if (error instanceof CertificateRequestError) throw error;
    throw new CertificateRequestError('is not a PKCS#10 certificate request', { cause: error });
  }
}

function read(der: Uint8Array): CertificateRequest {
  const [info, algorithm, signature] = children(expectTag(readDer(der), derTag.sequence));
  const [, name, spki, attributes] = children(expectTag(info, derTag.sequence));
  const subject = expectTag(name, derTag.sequence);
  const publicKey = createPublicKey({
    key: Buffer.from(expectTag(spki, derTag.sequence).bytes),
    format: 'der',
    type: 'spki',
  });
  checkStrength(publicKey);
  checkSignature(expectTag(info, derTag.sequence), algorithm, signature, publicKey);
  const extensions = attributes === undefined ? [] : requestedExtensions(expectTag(attributes, derTag.context0));
  return {
    subject: readSubject(subject),
    subjectDer: subject.bytes,
    alternativeNames: extensions.filter(({ oid }) => oid === subjectAltName).flatMap(({ value }) => readNames(value)),
    extensions: extensions.map(({ oid }) => oid),
    publicKey,
  };
}

function checkSignature(
  info: DerNode,
  algorithm: DerNode | undefined,
  signature: DerNode | undefined,
  publicKey: KeyObject,
): void {
  const [oidNode] = children(expectTag(algorithm, derTag.sequence));
  const oid = readOid(oidNode);
  const hash = hashes[oid];
  if (hash === undefined) throw new CertificateRequestError(`is signed with ${oid}, which is not accepted`);
  const { content } = expectTag(signature, derTag.bitString);
  if (content[0] !== 0) throw new DerError('the signature is not made of whole octets');
  if (!verify(hash, info.bytes, publicKey, content.subarray(1))) {
    throw new CertificateRequestError('has a signature that does not match its key');
  }
}

/** @throws CertificateRequestError for keys that are weak, or so large that using them is a burden. BI-27 */
function checkStrength(key: KeyObject): void {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return;
    case 'ec':
      if (['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve)) return;
      throw new CertificateRequestError(`has a key on curve ${namedCurve}, which is not accepted`);
    case 'rsa':
      if (modulusLength >= 2048 && modulusLength <= 8192) return;
      throw new CertificateRequestError(`has an RSA key of ${modulusLength} bits; 2048 to 8192 are accepted`);
    default:
      throw new CertificateRequestError(`has a key of type ${key.asymmetricKeyType}, which is not accepted`);
  }
}

function requestedExtensions(attributes: DerNode): { oid: string; value: Uint8Array }[] {
  return children(attributes).flatMap((attribute) => {
    const [oid, values] = children(expectTag(attribute, derTag.sequence));
    if (readOid(oid) !== extensionRequest) return [];
    return children(expectTag(values, derTag.set)).flatMap((list) =>
      children(expectTag(list, derTag.sequence)).map((extension) => {
        const parts = children(expectTag(extension, derTag.sequence));
        return { oid: readOid(parts[0]), value: expectTag(parts.at(-1), derTag.octetString).content };
      }),
    );
  });
}

function readNames(value: Uint8Array): AlternativeName[] {
  return children(expectTag(readDer(value), derTag.sequence)).map(({ tag, content }) => {
    switch (tag) {
      case 0x81:
        return { type: 'email', value: ascii(content) };
      case 0x82:
        return { type: 'dns', value: ascii(content) };
      case 0x86:
        return { type: 'uri', value: ascii(content) };
      case 0x87:
        return { type: 'ip', value: address(content) };
      default:
        return { type: 'other', value: Buffer.from(content).toString('hex') };
    }
  });
}

function ascii(content: Uint8Array): string {
  if (content.some((octet) => octet < 0x20 || octet > 0x7e)) throw new DerError('an alternative name is not ASCII');
  return Buffer.from(content).toString('latin1');
}

function address(content: Uint8Array): string {
  if (content.length === 4) return content.join('.');
  if (content.length !== 16) throw new DerError('an address has 4 or 16 octets');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((content[2 * i] ?? 0) << 8) | (content[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}
