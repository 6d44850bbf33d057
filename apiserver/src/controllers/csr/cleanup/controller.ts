import { X509Certificate } from 'node:crypto';
import { CertificateSigningRequest, ignoreNotFound } from '@quarterdeck/apis';
import { type Controller, createController, type EpochMs, Result } from '@quarterdeck/machinery';
import type { CsrControllerOptions } from '../signing/controller.ts';
import { deletionTime } from './decide.ts';

/** Looked at again after at most this long: timers do not reach further than some weeks. */
const longestWaitMs = 86_400_000;

/** Old certificate requests go. KA-134 */
export function csrCleanup(options: CsrControllerOptions): Controller {
  const { certificateClient, requests, clock } = options;
  return createController({
    ...options,
    name: 'certificatesigningrequest.cleanup',
    primary: requests,
    reconciler: {
      async reconcile(key, { signal }) {
        const csr = requests.get(key);
        if (csr === undefined) return Result.done;
        const at = deletionTime(csr, certificateEnd(csr.status?.certificate));
        if (at === undefined) return Result.done;
        const waitMs = at - clock.now();
        if (waitMs > 0) return Result.after(Math.min(waitMs, longestWaitMs));
        const { name, uid } = csr.metadata;
        const call = { preconditions: { uid }, signal };
        await ignoreNotFound(certificateClient.delete(CertificateSigningRequest, { name }, call));
        return Result.done;
      },
    },
  });
}

/** Undefined when there is none, or it cannot be read. */
function certificateEnd(base64: string | undefined): EpochMs | undefined {
  if (base64 === undefined) return undefined;
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).validToDate.getTime();
  } catch {
    return undefined;
  }
}
