import type { Clock } from '@quarterdeck/machinery';
import type { AdmissionPlugin } from './admission/admission.ts';
import { limitRangePlugin } from './admission/limit-ranges/plugin.ts';
import { namespaceLifecycle } from './admission/namespace-lifecycle.ts';
import { ownerReferencesPlugin } from './admission/owner-references.ts';
import { podClassesPlugin } from './admission/pod-classes.ts';
import { podServiceAccountPlugin } from './admission/pod-service-account.ts';
import { policyParamRights } from './admission/policy/param-rights.ts';
import { policyAdmission } from './admission/policy/plugin.ts';
import { createQuotaAdmission } from './admission/quota/plugin.ts';
import { createBootstrapTokenAuthenticator } from './authn/bootstrap-tokens.ts';
import { type AuthenticatorChain, createAuthenticatorChain } from './authn/chain.ts';
import { createClientCertificateAuthenticator } from './authn/client-certificate.ts';
import { createFrontProxyAuthenticator } from './authn/front-proxy.ts';
import type { ServiceAccountTokens } from './authn/service-account-tokens.ts';
import { certificateRequestPlugin } from './authz/csr-admission.ts';
import { escalationPlugin } from './authz/escalation.ts';
import { serviceAddressPlugin } from './builtin/network/service-addresses.ts';
import type { Store } from './cache/store.ts';
import { createDiscoveryHandler } from './pipeline/discovery/handler.ts';
import type { NonResourceHandler } from './pipeline/non-resource.ts';
import { createOpenApiHandler } from './pipeline/openapi/handler.ts';
import { createHealthHandler, createHealthMetricsHandler, type HealthCheck } from './pipeline/operations/health.ts';
import { createOpenIdHandler } from './pipeline/operations/openid.ts';
import { createVersionHandler, defaultVersion } from './pipeline/operations/version.ts';
import type { Registry } from './registry/registry.ts';
import type { ApiServerOptions } from './server-options.ts';

/** Ways to log in, in the order in which they are tried. */
export function loginsOf(
  {
    frontProxy,
    pki,
    authenticators = [],
    anonymous = true,
  }: Pick<ApiServerOptions, 'frontProxy' | 'pki' | 'authenticators' | 'anonymous'>,
  parts: { readonly tokens: ServiceAccountTokens; readonly store: Store; readonly clock: Clock },
): AuthenticatorChain {
  const { tokens, store, clock } = parts;
  return createAuthenticatorChain(
    [
      ...(frontProxy === undefined ? [] : [createFrontProxyAuthenticator(frontProxy, clock)]),
      createClientCertificateAuthenticator({ caBundle: () => pki.caBundle, clock }),
      tokens.authenticator,
      createBootstrapTokenAuthenticator(store, clock),
      ...authenticators,
    ],
    { anonymous },
  );
}

/** In the order in which they are asked: what is counted, last. KA-135 */
export function admissionRules(
  { serviceNetwork, admission = [] }: ApiServerOptions,
  parts: Parameters<typeof policyAdmission>[0],
): AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRangePlugin,
    podServiceAccountPlugin,
    escalationPlugin,
    certificateRequestPlugin,
    ownerReferencesPlugin(parts.registry),
    podClassesPlugin,
    policyParamRights(parts.registry),
    ...(serviceNetwork === undefined ? [] : [serviceAddressPlugin(serviceNetwork)]),
    ...admission,
    policyAdmission(parts),
    createQuotaAdmission(),
  ];
}

export interface ServerState {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly isLoaded: () => boolean;
  readonly isDraining: () => boolean;
}

/** What is served beside the resources. */
export function ownPaths(options: ApiServerOptions, state: ServerState): NonResourceHandler[] {
  const { version = defaultVersion, issuer, pki } = options;
  const { registry, clock, isLoaded, isDraining } = state;
  const healthChecks: readonly HealthCheck[] = [
    { name: 'ping', live: true, isHealthy: () => true },
    { name: 'storage', live: false, isHealthy: isLoaded },
    { name: 'shutdown', live: false, isHealthy: () => !isDraining() },
    ...(options.healthChecks ?? []),
  ];
  return [
    createDiscoveryHandler(registry),
    createVersionHandler(version),
    createHealthHandler(healthChecks),
    createHealthMetricsHandler(healthChecks),
    createOpenApiHandler(registry, version.gitVersion, clock),
    createOpenIdHandler(issuer, pki.serviceAccountKeys),
    ...(options.nonResource ?? []),
  ];
}
