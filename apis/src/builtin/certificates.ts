import type { KubeObject, Time } from '../meta/object.ts';
import { type ResourceType, resourceType } from '../meta/resource.ts';

export interface CertificateSigningRequestCondition {
  type: 'Approved' | 'Denied' | 'Failed';
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastUpdateTime?: Time;
  lastTransitionTime?: Time;
}

/** KA-132 */
export interface CertificateSigningRequest extends KubeObject {
  spec: {
    /** PEM of a PKCS#10 request, base64. */
    request: string;
    signerName: string;
    /** Seconds, at least 600. Absent: the signer decides. */
    expirationSeconds?: number;
    usages?: string[];
    /** These four are set by the server from who asks. */
    username?: string;
    uid?: string;
    groups?: string[];
    extra?: Record<string, string[]>;
  };
  status?: {
    conditions?: CertificateSigningRequestCondition[];
    /** PEM chain, base64. Absent: not issued yet. */
    certificate?: string;
  };
}
export const CertificateSigningRequest: ResourceType<CertificateSigningRequest> = resourceType(
  'certificates.k8s.io',
  'v1',
  'CertificateSigningRequest',
  'certificatesigningrequests',
  'Cluster',
);
