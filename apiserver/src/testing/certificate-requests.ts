import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodePem } from '../tls/pem.ts';

/**
 * Builds PKCS#10 requests by hand, so that tests can ask for what no honest tool would make: two organizations in one
 * set, values that look like two, wildcard names, weak keys, broken signatures.
 */
export interface RequestSpec {
  /** Attribute pairs in order, by object identifier; see {@link oid}. */
  readonly subject: readonly (readonly [string, string])[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly Buffer[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
  /** Asks to be a CA, by the extension for it. Default false. */
  readonly isAuthority?: boolean;
  /** Default: a new P-256 key. */
  readonly privateKey?: KeyObject;
  /** Default: the key itself. Another: the signature does not match. */
  readonly signer?: KeyObject;
  /** Default sha256. */
  readonly hash?: 'sha1' | 'sha256';
}

export const oid = { commonName: '2.5.4.3', organization: '2.5.4.10', organizationalUnit: '2.5.4.11' } as const;

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

export function certificateRequestPem(spec: RequestSpec): string {
  const privateKey = spec.privateKey ?? newKey();
  const spki = publicDer(privateKey);
  const info = tlv(0x30, [tlv(0x02, [Buffer.from([0])]), nameDer(spec.subject), spki, tlv(0xa0, attributes(spec))]);
  const { hash, identifier } = signatureAlgorithm(privateKey, spec.hash ?? 'sha256');
  const signature = sign(hash, info, spec.signer ?? privateKey);
  const der = tlv(0x30, [info, identifier, tlv(0x03, [Buffer.from([0]), signature])]);
  return encodePem('CERTIFICATE REQUEST', der);
}

function signatureAlgorithm(key: KeyObject, hash: 'sha1' | 'sha256'): { hash: string | null; identifier: Buffer } {
  const isOld = hash === 'sha1';
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return { hash: null, identifier: tlv(0x30, [oidDer('1.3.101.112')]) };
    case 'rsa': {
      const algorithm = oidDer(isOld ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11');
      return { hash, identifier: tlv(0x30, [algorithm, Buffer.from([5, 0])]) };
    }
    default:
      return { hash, identifier: tlv(0x30, [oidDer(isOld ? '1.2.840.10045.4.1' : '1.2.840.10045.4.3.2')]) };
  }
}

/** A request for a user with groups, as an honest client makes it. */
export function userRequestPem(user: string, groups: readonly string[] = []): string {
  const organizations = groups.map((group) => [oid.organization, group] as const);
  return certificateRequestPem({ subject: [...organizations, [oid.commonName, user]] });
}

export function nameDer(subject: readonly (readonly [string, string])[]): Buffer {
  const sets = subject.map(([type, value]) => tlv(0x31, [tlv(0x30, [oidDer(type), utf8(value)])]));
  return tlv(0x30, sets);
}

function publicDer(privateKey: KeyObject): Buffer {
  return Buffer.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
}

function attributes(spec: RequestSpec): Buffer[] {
  const names = [
    ...(spec.dnsNames ?? []).map((name) => tlv(0x82, [Buffer.from(name)])),
    ...(spec.emails ?? []).map((name) => tlv(0x81, [Buffer.from(name)])),
    ...(spec.uris ?? []).map((name) => tlv(0x86, [Buffer.from(name)])),
    ...(spec.addresses ?? []).map((address) => tlv(0x87, [address])),
  ];
  const extension = (type: string, value: Buffer[]) => tlv(0x30, [oidDer(type), tlv(0x04, [tlv(0x30, value)])]);
  const extensions = [
    ...(names.length === 0 ? [] : [extension('2.5.29.17', names)]),
    ...(spec.isAuthority === true ? [extension('2.5.29.19', [tlv(0x01, [Buffer.from([0xff])])])] : []),
  ];
  if (extensions.length === 0) return [];
  return [tlv(0x30, [oidDer('1.2.840.113549.1.9.14'), tlv(0x31, [tlv(0x30, extensions)])])];
}

const utf8 = (value: string) => tlv(0x0c, [Buffer.from(value, 'utf8')]);

export function oidDer(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const parts = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) parts.unshift((left & 0x7f) | 0x80);
    return parts;
  });
  return tlv(0x06, [Buffer.from(octets)]);
}

export function tlv(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
