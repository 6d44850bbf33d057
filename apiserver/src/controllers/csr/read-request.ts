import type { CertificateSigningRequest } from '@quarterdeck/apis';
import {
  type CertificateRequest,
  CertificateRequestError,
  parseCertificateRequest,
} from '../../tls/certificate-request.ts';

/** What `spec.request` holds, or why it cannot be read. */
export function readRequest(csr: CertificateSigningRequest): CertificateRequest | { readonly problem: string } {
  try {
    return parseCertificateRequest(Buffer.from(csr.spec.request, 'base64').toString('latin1'));
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return { problem: `the request ${error.message}` };
  }
}
