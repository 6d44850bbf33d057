import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  apiVersionOf,
  CertificateSigningRequest,
  isAlreadyExists,
  isNotFound,
  memberCertificateUsages,
  memberSignerName,
  membersGroup,
  memberTokenSignerName,
  memberUserName,
} from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';

/** The hub refused the request; asking again with the same would be refused again. */
export class RequestDeniedError extends Error {
  override readonly name = 'RequestDeniedError';
  /** One word of the hub. Absent: it gave none. */
  readonly reason: string | undefined;
  constructor(message: string, reason?: string) {
    super(message);
    this.reason = reason;
  }
}

/** The hub approved the request, and nothing there signs it: it may be a Kubernetes that signs no clients. RG-7 */
export class NotSignedError extends Error {
  override readonly name = 'NotSignedError';
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A fresh private key, PKCS#8 PEM. */
export function createKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** PKCS#10 PEM with exactly the subject that a member may have. RG-6 */
async function createRequest(key: string, userName: string): Promise<string> {
  const { Name, Pkcs10CertificateRequestGenerator } = await import('./x509.ts');
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey);
  const [imported, importedPublic] = await Promise.all([
    crypto.subtle.importKey('pkcs8', privateKey.export({ type: 'pkcs8', format: 'der' }), algorithm, true, ['sign']),
    crypto.subtle.importKey('spki', publicKey.export({ type: 'spki', format: 'der' }), algorithm, true, ['verify']),
  ]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: new Name([{ O: [membersGroup] }, { CN: [userName] }]),
    keys: { privateKey: imported, publicKey: importedPublic },
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}

/** The same key gives the same name, so that a restarted agent finds its own pending request. RG-5 */
function requestName(clusterName: string, key: string, signerName: string): string {
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
  const ofKey = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  return `quarterdeck-${clusterName}-${signerName === memberTokenSignerName ? 'token-' : ''}${ofKey}`;
}

export interface RequestOptions {
  /** Under the bootstrap identity, or the member's own for a renewal. */
  readonly hubClient: Client;
  readonly clusterName: string;
  /** PKCS#8 PEM. */
  readonly key: string;
  /** Identity of the cluster. RG-4 */
  readonly clusterUID: string;
  /** Absent: the signer decides. */
  readonly expirationSeconds?: number;
  /** Called once when nobody has decided at once: a person may have to. RG-5 */
  readonly onWaiting?: ((requestName: string) => void) | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * How often an unanswered request is looked at: soon at first, then as a person would. No watch: who asks may read what it can
 * name, and not see who else asks. RG-1
 */
const pollMs = [200, 300, 500, 1_000, 2_000, 4_000, 5_000] as const;

/** How many looks a hub takes that decides by itself. */
const looksAtOnce = 4;

/** Signers take a moment; one that takes longer is none. */
const signWithinMs = 60_000;

/**
 * Asks the hub for a certificate and waits until it is issued. Safe to call again with the same key.
 * @returns PEM chain
 * @throws RequestDeniedError; NotSignedError; ApiError when the hub refuses to take the request
 */
export async function requestCertificate(options: RequestOptions): Promise<string> {
  let approvedSince: number | undefined;
  return await ask(options, memberSignerName, ({ status }) => {
    if (status?.certificate !== undefined) return Buffer.from(status.certificate, 'base64').toString('utf8');
    if (!isApproved(status)) return undefined;
    const now = options.clock.monotonic();
    approvedSince ??= now;
    if (now - approvedSince >= signWithinMs) throw new NotSignedError('it is approved, and no certificate was issued');
    return undefined;
  });
}

/**
 * Asks the hub to be let in where it gives tokens, and waits until it is: what was asked by may then ask for a token. Safe to
 * call again with the same key. RG-7
 * @throws RequestDeniedError; ApiError when the hub refuses to take the request
 */
export async function requestAdmission(options: RequestOptions): Promise<void> {
  await ask(options, memberTokenSignerName, ({ status }) => (isApproved(status) ? true : undefined));
}

const isApproved = (status: CertificateSigningRequest['status']): boolean =>
  status?.conditions?.some(({ type }) => type === 'Approved') === true;

async function ask<T>(
  options: RequestOptions,
  signerName: string,
  answerOf: (request: CertificateSigningRequest) => T | undefined,
): Promise<T> {
  const { hubClient, clusterName, key, clusterUID, expirationSeconds, clock, signal } = options;
  const name = requestName(clusterName, key, signerName);
  const object: CertificateSigningRequest = {
    apiVersion: apiVersionOf(CertificateSigningRequest),
    kind: CertificateSigningRequest.kind,
    metadata: { name },
    spec: {
      request: Buffer.from(await createRequest(key, memberUserName(clusterName, clusterUID))).toString('base64'),
      signerName,
      usages: [...memberCertificateUsages],
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  };
  const send = async () => {
    try {
      await hubClient.create(CertificateSigningRequest, object, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  await send();
  for (let attempt = 0; ; attempt++) {
    await clock.sleep(pollMs[Math.min(attempt, pollMs.length - 1)] ?? 5_000, signal);
    try {
      const request = await hubClient.get(CertificateSigningRequest, { name }, { signal });
      const refused = request.status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
      if (refused !== undefined) {
        throw new RequestDeniedError(refused.message ?? refused.reason ?? 'the hub gave no reason', refused.reason);
      }
      const answer = answerOf(request);
      if (answer !== undefined) return answer;
      if (attempt === looksAtOnce && !isApproved(request.status)) options.onWaiting?.(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await send(); // aged out on the hub while it waited
    }
  }
}
