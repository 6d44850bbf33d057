import { X509Certificate as Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { caKeyHash, certificatesOf, connectThroughProxy, joinBundles } from '@quarterdeck/machinery';

/** The hub does not show the CA that the agent was told to expect: a wrong hub, a wrong hash, or somebody in between. */
export class WrongHubError extends Error {
  override readonly name = 'WrongHubError';
}

/** Where the hub is reached. */
export interface HubAddress {
  readonly hubUrl: string;
  /** URL of an HTTP proxy on the way. Absent: none. RG-55 */
  readonly proxy?: string;
}

export interface HubCaOptions extends HubAddress {
  /** `sha256:<64 hex>` */
  readonly expected: string;
}

const timeoutMs = 10_000;

/**
 * Learns the hub's CA at first contact: reads the chain of the TLS handshake without trusting it, sends nothing, and keeps
 * the one certificate whose key has the expected hash. Everything after this verifies the hub by it alone.
 * @throws WrongHubError when no certificate of the chain has that key; Error when the hub cannot be reached
 */
export async function fetchHubCa({ hubUrl, expected, proxy }: HubCaOptions, signal: AbortSignal): Promise<string> {
  const { chain } = await readChain({ hubUrl, ...(proxy === undefined ? {} : { proxy }) }, undefined, signal);
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

/**
 * What a join command tells an agent to know the hub by: the hash of the first CA of a bundle that the hub shows in its
 * handshake, so that the agent can learn it; where it shows none, as most API servers of Kubernetes show their own certificate
 * alone, the CAs themselves. RG-53, SEC-7
 * @param bundle PEM of what the hub is known by
 * @throws Error when the hub cannot be reached
 */
export async function trustToTell(
  address: HubAddress,
  bundle: string,
  signal: AbortSignal,
): Promise<{ readonly caHash: string } | { readonly caPem: string }> {
  const { chain } = await readChain(address, undefined, signal);
  const shown = chain.map(({ fingerprint256 }) => fingerprint256);
  // Nothing else is an anchor of trust: a certificate that another signed may go any day.
  const roots = certificatesOf(bundle).filter((each) => each.checkIssued(each));
  const found = roots.find(({ fingerprint256 }) => shown.includes(fingerprint256));
  return found === undefined ? { caPem: joinBundles(...roots.map(String)) } : { caHash: caKeyHash(found) };
}

/**
 * The CAs of a bundle that vouch for the hub at its address, at this moment: PEM, empty where none does.
 * @throws Error when the hub cannot be reached
 */
export async function vouchingCas(address: HubAddress, bundle: string, signal: AbortSignal): Promise<string> {
  const { chain, isVerified } = await readChain(address, bundle, signal);
  if (!isVerified) return '';
  const used = chain.map(({ fingerprint256 }) => fingerprint256);
  return joinBundles(
    ...certificatesOf(bundle)
      .filter(({ fingerprint256 }) => used.includes(fingerprint256))
      .map(String),
  );
}

interface Shown {
  /** The hub's own certificate first. With CAs to verify by, up to the one that it was verified by. */
  readonly chain: readonly Certificate[];
  readonly isVerified: boolean;
}

/** A TLS handshake, and nothing more. @param ca PEM to verify the hub by; undefined: what is shown is only read */
async function readChain({ hubUrl, proxy }: HubAddress, ca: string | undefined, signal: AbortSignal): Promise<Shown> {
  const { protocol, hostname, port } = new URL(hubUrl);
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
      ...(ca === undefined ? {} : { ca }),
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
      const isVerified = ca !== undefined && socket.authorized;
      socket.end();
      resolve({ chain, isVerified });
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
