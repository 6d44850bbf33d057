import { X509Certificate as Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { caKeyHash, connectThroughProxy } from '@quarterdeck/machinery';

/** The hub does not show the CA that the agent was told to expect: a wrong hub, a wrong hash, or somebody in between. */
export class WrongHubError extends Error {
  override readonly name = 'WrongHubError';
}

export interface HubCaOptions {
  readonly hubUrl: string;
  /** `sha256:<64 hex>` */
  readonly expected: string;
  /** URL of an HTTP proxy on the way. Absent: none. RG-55 */
  readonly proxy?: string;
}

const timeoutMs = 10_000;

/**
 * Learns the hub's CA at first contact: reads the chain of the TLS handshake without trusting it, sends nothing, and keeps
 * the one certificate whose key has the expected hash. Everything after this verifies the hub by it alone.
 * @throws WrongHubError when no certificate of the chain has that key; Error when the hub cannot be reached
 */
export async function fetchHubCa({ hubUrl, expected, proxy }: HubCaOptions, signal: AbortSignal): Promise<string> {
  const chain = await readChain(new URL(hubUrl), proxy, signal);
  const hashes = chain.map((each) => caKeyHash(each));
  const found = chain[hashes.indexOf(expected.toLowerCase())];
  if (found === undefined) {
    throw new WrongHubError(
      `the hub at ${hubUrl} shows no certificate with the CA hash ${expected} (it shows ${hashes.join(', ')}); ` +
        'check --hub and --ca-hash: they stand in the join command of the hub',
    );
  }
  return found.toString();
}

async function readChain(
  { protocol, hostname, port }: URL,
  proxy: string | undefined,
  signal: AbortSignal,
): Promise<Certificate[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const target = { protocol, hostname: host, port: port || '443' };
  const through = proxy === undefined ? {} : { socket: await connectThroughProxy(proxy, target, timeoutMs) };
  return await new Promise((resolve, reject) => {
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connect({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      timeout: timeoutMs,
      ...servername,
      ...through,
    });
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`cannot reach the hub at ${host}:${port || 443}: ${why}`));
    };
    const onAbort = () => fail('stopped');
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => fail(error.message));
    socket.once('timeout', () => fail('no answer within 10 s'));
    socket.once('close', () => signal.removeEventListener('abort', onAbort));
    socket.once('secureConnect', () => {
      const chain = unfold(socket.getPeerCertificate(true));
      socket.end();
      resolve(chain);
    });
  });
}

/** Node links certificates by issuer; the root links to itself. */
function unfold(leaf: DetailedPeerCertificate): Certificate[] {
  const chain: Certificate[] = [];
  const seen = new Set<string>();
  for (
    let each: DetailedPeerCertificate | undefined = leaf;
    each?.raw !== undefined && !seen.has(each.fingerprint256);
  ) {
    seen.add(each.fingerprint256);
    chain.push(new Certificate(each.raw));
    each = each.issuerCertificate;
  }
  return chain;
}
