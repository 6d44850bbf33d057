import type { Clock, Logger } from '@quarterdeck/machinery';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { AdmissionPlugin } from './admission/admission.ts';
import type { Authenticator } from './authn/authenticator.ts';
import type { FrontProxyOptions } from './authn/front-proxy.ts';
import type { Authorizer } from './authz/authorizer.ts';
import type { ServiceNetwork } from './builtin/network/service-network.ts';
import type { Store } from './cache/store.ts';
import type { RuleCompiler } from './crd/rule-programs.ts';
import type { ListRoom } from './flowcontrol/list-room.ts';
import type { NonResourceHandler } from './pipeline/non-resource.ts';
import type { HealthCheck } from './pipeline/operations/health.ts';
import type { ServerVersion } from './pipeline/operations/version.ts';
import type { ResourceDefinition } from './registry/definition.ts';
import type { AddedSubresources } from './registry/registry.ts';
import type { Storage } from './storage/storage.ts';
import type { Pki } from './tls/pki.ts';

/** What a server is made of: what every one needs, and what one may have beside it. */
export interface ApiServerOptions {
  /** The caller's to dispose of. */
  readonly storage: Storage;
  /** CA bundle and service account keys. */
  readonly pki: Pick<Pki, 'caBundle' | 'serviceAccountKeys'>;
  /** `iss` of service account tokens, and their default audience: the server's public URL. */
  readonly issuer: string;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: Math.random. Names and jitter, nothing secret. */
  readonly random?: () => number;
  /** Kinds beside the built-in ones: workloads, views. Default: none. */
  readonly definitions?: readonly ResourceDefinition[];
  /** Addresses of Services, and the Service `kubernetes`. Default: Services get none, for servers without networks. KA-2 */
  readonly serviceNetwork?: ServiceNetwork;
  /** Compiles the rules of CRDs; servers of one process that have equal CRDs may share one. Default: its own. KA-101 */
  readonly ruleCompiler?: RuleCompiler;
  /** Subresources beside those that kinds have by themselves. Default: none. */
  readonly subresources?: AddedSubresources;
  /** Rules beside the built-in ones, after them. Default: none. */
  readonly admission?: readonly AdmissionPlugin[];
  /** Front proxies, whose word for who asks comes before every other proof. Default: there are none. KA-120b */
  readonly frontProxy?: FrontProxyOptions;
  /** Ways to log in beside certificates, service account tokens and bootstrap tokens. Default: none. */
  readonly authenticators?: readonly Authenticator[];
  /** Default: callers who present nothing are `system:anonymous`. */
  readonly anonymous?: boolean;
  /** Default: RBAC over this server's own roles. */
  readonly authorizer?: (store: Store) => Authorizer & Partial<AsyncDisposable>;
  readonly version?: ServerVersion;
  /** Paths of its own beside the Kubernetes ones, authorised like all: metrics. */
  readonly nonResource?: readonly NonResourceHandler[];
  readonly healthChecks?: readonly HealthCheck[];
  /**
   * A prom-client registry that the server registers its metrics in; serve it with `createMetricsHandler`. One server per
   * registry. Default: nothing is counted. KA-20
   */
  readonly metrics?: MetricsRegistry;
  /** Room for large lists, one for all servers of a process. Default: no list is refused. F-31 */
  readonly listRoom?: ListRoom;
}
