import type { AgentIdentityMake, CertificateSigningRequest, MemberCluster, Secret, Stored } from '@quarterdeck/apis';
import type { RuleInUse } from '../../../registration/acceptance-rules.ts';
import type { JoinToken } from '../../../registration/join-token.ts';

/** All that a request is judged by. */
export interface Seen {
  readonly request: Stored<CertificateSigningRequest>;
  /** The MemberCluster that the subject names. */
  readonly member: Stored<MemberCluster> | undefined;
  /** A member under another name with the same cluster identity. RG-4 */
  readonly twin: Stored<MemberCluster> | undefined;
  /** The join token of a bootstrap requester, with its Secret. */
  readonly token: { readonly secret: Stored<Secret>; readonly token: JoinToken } | undefined;
  /** RG-3 */
  readonly rules: readonly RuleInUse[];
  readonly hubUID: string;
  /** What this hub gives its agents. Default certificate. RG-7 */
  readonly gives?: AgentIdentityMake;
  /** Absent on a Kubernetes hub. RG-10 */
  readonly hubEpoch?: string | undefined;
  /**
   * Older requests that still wait, for the same name and by the same requester; and clusters that wait for acceptance,
   * registered by the same token or rule. RG-5
   */
  readonly waiting: { readonly forName: number; readonly byRequester: number; readonly pending: number };
}
