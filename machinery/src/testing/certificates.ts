import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, in PEM. */
interface TestCertificate {
  cert: string;
  key: string;
}

export interface TestAuthority extends TestCertificate {
  /** A certificate for a server on loopback (`localhost`, `127.0.0.1`, and `name`), or for a client called `name`. */
  issue(name: string): TestCertificate;
}

/** A throw-away CA for tests of TLS, valid from 2025 to 2049. Just enough X.509; not for anything else. */
export function testAuthority(name = 'test CA'): TestAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const basicConstraints = sequence(oid('551d13'), boolean(true), octets(sequence(boolean(true))));
  return {
    cert: certificate({
      subject: name,
      publicKey,
      issuer: name,
      issuerKey: privateKey,
      extensions: [basicConstraints],
    }),
    key: pem('PRIVATE KEY', privateKey.export({ type: 'pkcs8', format: 'der' })),
    issue(subject) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = [dnsName('localhost'), dnsName(subject), tagged(0x87, Buffer.from([127, 0, 0, 1]))];
      const extensions = [sequence(oid('551d11'), octets(sequence(...names)))];
      return {
        cert: certificate({ subject, publicKey: pair.publicKey, issuer: name, issuerKey: privateKey, extensions }),
        key: pem('PRIVATE KEY', pair.privateKey.export({ type: 'pkcs8', format: 'der' })),
      };
    },
  };
}

function certificate(parts: {
  subject: string;
  publicKey: KeyObject;
  issuer: string;
  issuerKey: KeyObject;
  extensions: Buffer[];
}): string {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const serial = randomBytes(8);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  const toBeSigned = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm,
    commonName(parts.issuer),
    sequence(tagged(0x17, Buffer.from('250101000000Z')), tagged(0x17, Buffer.from('490101000000Z'))),
    commonName(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...parts.extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, parts.issuerKey)]);
  return pem('CERTIFICATE', sequence(toBeSigned, algorithm, tagged(0x03, signature)));
}

const commonName = (name: string) =>
  sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(name, 'utf8')))));
const dnsName = (name: string) => tagged(0x82, Buffer.from(name.replaceAll(' ', '-'), 'ascii'));
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const boolean = (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0]));
const octets = (content: Buffer) => tagged(0x04, content);
const sequence = (...parts: Buffer[]) => tagged(0x30, Buffer.concat(parts));

/** One DER element. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
