import type { ResourceType } from '@quarterdeck/apis';
import type { Client, Clock, Logger, Metrics } from '@quarterdeck/machinery';
import type { KindSource } from '../admission/policy/type-check.ts';
import type { UserInfo } from '../authn/authenticator.ts';
import type { FrontProxyOptions } from '../authn/front-proxy.ts';
import { serviceAccountGroups } from '../authn/impersonation.ts';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import type { ControllerName } from '../authz/bootstrap-rbac.ts';
import { serviceAccountUser } from '../authz/rbac-objects.ts';
import type { Store } from '../cache/store.ts';
import type { CertificateAuthority } from '../tls/authority.ts';

/** What the controllers of the API itself are given. They write through clients, like everybody. */
export interface ControllerContext {
  /** A client that acts as this user: in-process. */
  readonly client: (user: UserInfo) => Client;
  readonly resources: ResourceSource;
  /** Reads that a client would do by holding a second copy of everything: who owns what, what is left in a namespace. */
  readonly store: Pick<Store, 'get' | 'list' | 'watch' | 'ownedBy' | 'resourceCounts' | 'fresh'>;
  /** Signs client certificates; asked each time, as the CA may be replaced. RG-9 */
  readonly authority: () => CertificateAuthority;
  /** Signs tokens of service accounts. */
  readonly issueToken: ServiceAccountTokens['issue'];
  /** PEM of the CAs that clients shall trust: `kube-root-ca.crt`. */
  readonly caBundle: () => string;
  /** Who is believed what it says of a user. Absent: nobody. KA-120b */
  readonly frontProxy?: FrontProxyOptions;
  /** Calls back when {@link caBundle} says something else. Absent: it never does. RG-9 */
  readonly onCaChange?: (listener: () => void) => Disposable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** How long events are kept after their last write. Default one hour. KA-141 */
  readonly eventTtlMs?: number;
}

/** The kinds of stored objects that can be deleted, each in one served version. */
export interface ResourceSource {
  list(): readonly ResourceType[];
  /** All that is served, in the order of discovery; `isCustom`: from CustomResourceDefinitions alone. */
  groups(): readonly { readonly name: string; readonly versions: readonly string[]; readonly isCustom: boolean }[];
  /** Schemas of what is served. */
  readonly kinds: KindSource;
  /** Calls back when {@link list} may say something else. */
  onChange(listener: () => void): Disposable;
}

/** Something that works in the background until its signal aborts. */
export interface Background {
  readonly name: string;
  start(signal: AbortSignal): void;
  /** Resolves when the last work after the abort has ended. */
  readonly stopped: Promise<void>;
}

/** Every controller has an identity of its own, bound to the role of its name. KA-129 */
export function controllerUser(name: ControllerName): UserInfo {
  return {
    name: serviceAccountUser('kube-system', name),
    groups: [...serviceAccountGroups('kube-system'), 'system:authenticated'],
  };
}

/** Recorded in managedFields for what these controllers write. */
export const fieldManager = 'quarterdeck-apiserver';
