import type { CertificateSigningRequest, Time } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

const hourMs = 3_600_000;
/** Answered requests are kept this long, so that whoever asked can see the answer. KA-134 */
const answeredMs = hourMs;
/** Requests that nobody answers, and approved ones that nobody signs, go after a day. KA-134 */
const pendingMs = 24 * hourMs;

/**
 * When the request is to be deleted, epoch ms; in the past: now. Undefined when it cannot be told.
 * @param certificateEnd when its certificate ends, which is then of no use to anybody; undefined without one
 */
export function deletionTime(csr: CertificateSigningRequest, certificateEnd: EpochMs | undefined): EpochMs | undefined {
  const times: number[] = [];
  const conditions = csr.status?.conditions ?? [];
  const certificate = csr.status?.certificate;
  const after = (from: Time | undefined, ms: number) => {
    const start = Date.parse(from ?? '');
    if (!Number.isNaN(start)) times.push(start + ms);
  };
  for (const condition of conditions) {
    const at = condition.lastUpdateTime ?? condition.lastTransitionTime ?? csr.metadata.creationTimestamp;
    if (condition.type !== 'Approved') after(at, answeredMs);
    else after(at, certificate === undefined ? pendingMs : answeredMs);
  }
  if (conditions.length === 0) after(csr.metadata.creationTimestamp, pendingMs);
  if (certificateEnd !== undefined) times.push(certificateEnd);
  return times.length === 0 ? undefined : Math.min(...times);
}
