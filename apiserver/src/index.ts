// storage, cache

// registry, pipeline, clients, server
export type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, Operation } from './admission/admission.ts';
// tls, authn, authz
export {
  type Authentication,
  type Authenticator,
  anonymousUser,
  type Credentials,
  type UserInfo,
} from './authn/authenticator.ts';
export { createBootstrapTokenAuthenticator } from './authn/bootstrap-tokens.ts';
export { type AuthenticatorChain, type ChainOptions, createAuthenticatorChain } from './authn/chain.ts';
export { type ClientCertificateOptions, createClientCertificateAuthenticator } from './authn/client-certificate.ts';
export { type FrontProxyOptions, isIdentityHeader } from './authn/front-proxy.ts';
export { impersonate } from './authn/impersonation.ts';
export { jsonWebKeySet, jwksMediaType, openIdConfiguration, openIdPaths } from './authn/openid.ts';
export { type AuthenticationReviews, createAuthenticationReviews, userInfoObject } from './authn/reviews.ts';
export {
  createServiceAccountTokens,
  type ServiceAccountTokenOptions,
  type ServiceAccountTokens,
  type TokenSpec,
} from './authn/service-account-tokens.ts';
export { readStaticTokens, type StaticTokens } from './authn/static-tokens.ts';
export { createTokenRequest } from './authn/token-request.ts';
export type {
  Attributes,
  Authorizer,
  Decision,
  NonResourceAttributes,
  PolicyRule,
  ResourceAttributes,
} from './authz/authorizer.ts';
export { type BootstrapRbacOptions, ensureBootstrapRbac } from './authz/bootstrap.ts';
export { bootstrapNamespaces, ensureBootstrapNamespaces } from './authz/bootstrap-namespaces.ts';
export type { BootstrapBinding, BootstrapRole, ControllerName } from './authz/bootstrap-rbac.ts';
export { certificateRequestPlugin } from './authz/csr-admission.ts';
export { escalationPlugin } from './authz/escalation.ts';
export { forbidden, forbiddenObject } from './authz/forbidden.ts';
export { createRbacAuthorizer, privilegedGroup } from './authz/rbac-authorizer.ts';
export { type AccessReviews, createAccessReviews } from './authz/reviews.ts';
export { builtinCatalog, type CatalogEntry } from './builtin/catalog.ts';
export { type DataKind, dataKind } from './builtin/data-kind.ts';
export { dataDefinitions } from './builtin/definitions.ts';
export type { ServiceNetwork } from './builtin/network/service-network.ts';
export { workloadDefinitions } from './builtin/workloads/definitions.ts';
export { objectBody, objectHeader } from './cache/body.ts';
export { createStore, type StoreOptions } from './cache/create-store.ts';
export {
  CompactedError,
  type Entry,
  type EntryIndex,
  type Indexer,
  type ListRequest,
  type ListResult,
  RevisionAheadError,
  type Store,
  type StoreEvent,
  type StoreWatch,
  type WatchRequest,
} from './cache/store.ts';
export { createInProcessClient } from './client/in-process.ts';
// controllers
export { createApiControllers } from './controllers/all.ts';
export { type Background, type ControllerContext, controllerUser, type ResourceSource } from './controllers/context.ts';
export { apiControllersLease, type LeadingOptions, runApiControllers } from './controllers/leader.ts';
export { serverContext } from './controllers/server-context.ts';
export { createRuleCompiler, type RuleCompiler } from './crd/rule-programs.ts';
export { type Heap, watchHeap } from './flowcontrol/heap.ts';
export { createListRoom, type ListRoom, type ListRoomOptions } from './flowcontrol/list-room.ts';
export { connectionLimit, openFilesLimit } from './http/connection-limit.ts';
export { type HttpListener, type HttpListenerOptions, type StopOptions, startHttpListener } from './http/listener.ts';
export type { ApiRequest, ApiResponse, Peer, Pipeline } from './pipeline/http-message.ts';
export type { NonResourceHandler } from './pipeline/non-resource.ts';
export type { HealthCheck } from './pipeline/operations/health.ts';
export { createMetricsHandler, type MetricsSource } from './pipeline/operations/metrics.ts';
export type { ServerVersion } from './pipeline/operations/version.ts';
export type {
  ActionContext,
  ActionHandler,
  Column,
  ConnectContext,
  ConnectHandler,
  ResourceDefinition,
  SelectableField,
  StoredView,
  Strategy,
  StrategyContext,
  Subresource,
  Verb,
  VersionDefinition,
} from './registry/definition.ts';
export {
  type AddedSubresources,
  createRegistry,
  type Registry,
  type RegistryChange,
  type ResolvedResource,
} from './registry/registry.ts';
export { type ApiServer, createApiServer, systemUser } from './server.ts';
export type { ApiServerOptions } from './server-options.ts';
export { createKeyFile, noEncryption, readKeyFile } from './storage/at-rest/key-file.ts';
export { type AtRest, sealedStorage } from './storage/at-rest/sealed-storage.ts';
export { EmbeddedDatabaseError } from './storage/embedded/errors.ts';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  hasEmbeddedPostgres,
  removeEmbeddedPostgres,
  runningEmbeddedUrl,
  startEmbeddedPostgres,
} from './storage/embedded/start.ts';
export {
  createMemoryDatabase,
  type MemoryDatabase,
  type MemoryStorageOptions,
  openMemoryStorage,
} from './storage/memory.ts';
export { type BackupOptions, backupPostgres, type RestoreOptions, restorePostgres } from './storage/postgres/backup.ts';
export { type BackupContents, BackupError } from './storage/postgres/backup-format.ts';
export { IncompatibleSchemaError, StorageConfigurationError } from './storage/postgres/errors.ts';
export { openPostgresStorage, type PostgresStorageOptions } from './storage/postgres/open.ts';
export { openPostgresSettings } from './storage/postgres/settings-only.ts';
export {
  type Change,
  type Commit,
  type Expectation,
  ExpectationFailedError,
  type FollowSink,
  InvalidTransactionError,
  type PastChange,
  type Revision,
  type SettingsStore,
  type Storage,
  type StorageKey,
  type StorageSnapshot,
  StorageUnavailableError,
  type StoredRow,
  type Transaction,
  type WriteOperation,
  WriteOutcomeUnknownError,
} from './storage/storage.ts';
export type { KeyPairPem } from './tls/authority.ts';
export { type CaFile, type CaFileOptions, watchCaFile } from './tls/ca-file.ts';
export { type CertificateFilesOptions, watchCertificateFiles } from './tls/certificate-files.ts';
export {
  type AlternativeName,
  type CertificateRequest,
  CertificateRequestError,
  parseCertificateRequest,
} from './tls/certificate-request.ts';
export { type LivePki, type LivePkiOptions, openLivePki } from './tls/live-pki.ts';
export {
  type IssueClientOptions,
  type IssueServingOptions,
  isPkiSealed,
  loadOrCreatePki,
  type Pki,
  type PkiOptions,
} from './tls/pki.ts';

export {
  advanceRotation,
  type Rotation,
  RotationChangedError,
  type RotationOptions,
  type RotationPhase,
  readRotation,
} from './tls/rotation.ts';
export {
  type CertificateSource,
  createIssuedCertificate,
  type IssuedCertificateOptions,
} from './tls/serving-certificate.ts';
export type { SigningKeys } from './tls/signing-keys.ts';
export type { Subject as CertificateSubject } from './tls/subject.ts';
