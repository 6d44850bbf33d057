import type { CertificateSigningRequest, Stored } from '@quarterdeck/apis';
import { CertificateSigningRequest as CertificateSigningRequests } from '@quarterdeck/apis';
import { type Client, type Controller, createController, type Informer, Result } from '@quarterdeck/machinery';
import { issueCertificate } from '../../../tls/authority.ts';
import { type ControllerContext, fieldManager } from '../../context.ts';
import { readRequest } from '../read-request.ts';
import { decide, isToBeSigned } from './decide.ts';

export interface CsrControllerOptions extends ControllerContext {
  /** Acts as `certificate-controller`. */
  readonly certificateClient: Client;
  readonly requests: Informer<CertificateSigningRequest>;
}

/** Approved certificate requests -> certificates. Approval is for others: here nothing is approved. KA-133 */
export function csrSigning(options: CsrControllerOptions): Controller {
  const { certificateClient, requests, authority, clock } = options;
  return createController({
    ...options,
    name: 'certificatesigningrequest.signing',
    primary: requests,
    reconciler: {
      async reconcile(key, { signal }) {
        const csr = requests.get(key);
        if (csr === undefined || !isToBeSigned(csr)) return Result.done;
        const decision = decide({ csr, request: readRequest(csr) }, clock.now());
        switch (decision.type) {
          case 'nothing':
            return Result.done;
          case 'fail':
            await writeStatus(csr, decision.status, signal);
            return Result.done;
          case 'sign': {
            const pem = await issueCertificate(authority(), decision.template);
            const certificate = Buffer.from(pem, 'latin1').toString('base64');
            await writeStatus(csr, { ...csr.status, certificate }, signal);
            return Result.done;
          }
        }
      },
    },
  });

  async function writeStatus(
    csr: Stored<CertificateSigningRequest>,
    status: NonNullable<CertificateSigningRequest['status']>,
    signal: AbortSignal,
  ): Promise<void> {
    const next: CertificateSigningRequest = { ...csr, status };
    await certificateClient.update(CertificateSigningRequests, next, { subresource: 'status', fieldManager, signal });
  }
}
