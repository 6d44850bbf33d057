// wire: the value model and its codecs

// cel: expressions over objects
export {
  type CelEnvironment,
  type CelEnvironmentOptions,
  type CelProgram,
  type Compilation,
  type CompileOptions,
  createCelEnvironment,
  type Evaluation,
} from './cel/environment.ts';
export { CelCostError, CelError, CelEvaluationError, type CelIssue } from './cel/errors.ts';
export { fromJson, toJson } from './cel/json.ts';
export type {
  CelAttributes,
  CelAuthorizer,
  CelDecision,
  CelPathAttributes,
  CelResourceAttributes,
  CelSelector,
  CelUser,
} from './cel/libraries/authorizer.ts';
export { authorizerValue, requestResourceValue } from './cel/libraries/authz.ts';
export { authorizerType, resourceCheckType } from './cel/libraries/authz-values.ts';
export { jsonPatchLibrary } from './cel/libraries/json-patch.ts';
export { kubernetesCelEnvironment, kubernetesLibraries } from './cel/libraries/kubernetes.ts';
export type { CelLibrary } from './cel/library.ts';
export { celBudgets, innerCardinality, overBudget, ruleCost } from './cel/rule-cost.ts';
export {
  type SchemaType,
  type SchemaTypeOptions,
  schemaType,
  schemaTypeProvider,
  sizeInSchema,
} from './cel/schema-type.ts';
export {
  boolType,
  type CelType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  objectType,
  optionalType,
  printType,
  stringType,
  timestampType,
} from './cel/types.ts';
export { CelMap, CelOptional, type CelValue } from './cel/values.ts';

// client: the Kubernetes API as controllers know it
export { caKeyHashes, certificatesOf, joinBundles } from './client/ca-bundle.ts';
export { caKeyHash } from './client/ca-hash.ts';
export type {
  ApplyConfiguration,
  ApplyOptions,
  CallOptions,
  Client,
  DeepPartial,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectRef,
  PatchType,
  RawReader,
  Reader,
  WatchEvent,
  WatchOptions,
  WriteOptions,
  Writer,
} from './client/client.ts';
export { createHttpClient, type HttpClient } from './client/http-client.ts';
export { ConnectionError, isConnectionError, isUntrustedServer } from './client/http-errors.ts';
export {
  ClientConfigError,
  type HttpClientOptions,
  type Impersonation,
  type TlsOptions,
} from './client/http-options.ts';
export { type InClusterConfig, type InClusterSource, loadInClusterConfig } from './client/in-cluster.ts';
export { createInformer, type Informer, type InformerHandler, type InformerOptions } from './client/informer.ts';
export type { Indexer, InformerChange } from './client/informer-cache.ts';
export { type KubeconfigSource, kubeconfigNamespace, loadKubeconfig } from './client/kubeconfig.ts';
export { KubeconfigError } from './client/kubeconfig-schema.ts';
export { buildKubeconfig, type KubeconfigContent } from './client/kubeconfig-writer.ts';
export { connectThroughProxy } from './client/proxy-connect.ts';
export { proxyForUrl, withEnvironmentProxy } from './client/proxy-env.ts';
export { createRawAgent } from './client/raw-agent.ts';
export { compareRevisions } from './client/revision.ts';
// config: flags, environment, defaults
export {
  ConfigError,
  type ConfigInput,
  type ConfigOption,
  type ConfigSchema,
  type ConfigSourceName,
  type LoadedConfig,
  loadConfig,
} from './config/config.ts';
export { nearestName } from './config/nearest-name.ts';
export { unknownVariables } from './config/unknown-variables.ts';
// decisions: what consumers of PlacementDecisions act on
export {
  type DecidedCluster,
  type DecisionReading,
  type DecisionSlice,
  decidedClusterKey,
  decisionKeyOf,
  groupSlices,
  readDecision,
} from './decisions/decision.ts';
export {
  createDecisionFollower,
  type DecisionFollower,
  type DecisionFollowerOptions,
  type FollowedDecision,
} from './decisions/follower.ts';
export { createDecisionMemory, type DecisionMemory } from './decisions/memory.ts';
export {
  type DecisionDifference,
  defaultHoldDownMs,
  differenceOf,
  type HeldReading,
  type SettledDecision,
  type SettleInput,
  settle,
  unsettled,
} from './decisions/settle.ts';
// files
export { makeDirectory } from './files/make-directory.ts';
// smd, patch: merging
export { applyJsonPatch, maxJsonPatchOperations } from './patch/json-patch.ts';
export { applyMergePatch } from './patch/merge-patch.ts';
export { PatchError } from './patch/patch-error.ts';
export { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
// select, quantity: selectors and amounts
export { formatQuantity } from './quantity/format.ts';
export {
  addQuantities,
  approximateValue,
  compareQuantities,
  milliValue,
  parseQuantity,
  type Quantity,
  QuantityError,
  type QuantityFormat,
  quantityOf,
  subtractQuantities,
  sumQuantities,
  wholeValue,
  zeroQuantity,
} from './quantity/quantity.ts';
export { storedQuantity } from './quantity/stored.ts';
// runtime: clock, logger, queue, reconcile loop, lease, metrics
export { type BackoffOptions, backoffMs } from './runtime/backoff.ts';
export { type Clock, type EpochMs, systemClock, type Timer } from './runtime/clock.ts';
export {
  type Controller,
  type ControllerOptions,
  type ControllerWatch,
  createController,
  watching,
} from './runtime/controller.ts';
export { createEchoes } from './runtime/echoes.ts';
export { fencedClient } from './runtime/fenced-client.ts';
export { createHealthRegistry, type HealthCheck, type HealthRegistry } from './runtime/health.ts';
export {
  type HeldLease,
  type LeaderOptions,
  LeaseLostError,
  type LeaseOptions,
  runWithLease,
} from './runtime/lease.ts';
export { microTime } from './runtime/lease-record.ts';
export { createLogger, type Logger, type LoggerOptions, silentLogger } from './runtime/logger.ts';
export { createMetrics, type MetricDescription, type Metrics, type MetricsOptions } from './runtime/metrics.ts';
export { nodeHttp } from './runtime/node-http.ts';
export { objectKey, parseObjectKey } from './runtime/object-key.ts';
export { createQueue, type QueueOptions, type WorkQueue } from './runtime/queue.ts';
export {
  InvariantError,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  Result,
  TerminalError,
} from './runtime/reconcile.ts';
export { type RunOptions, runServices, type Service } from './runtime/shutdown.ts';
// schema: structural schemas
export { uncheckedFormats } from './schema/check-shape.ts';
export { checkStructural } from './schema/check-structural.ts';
export { correlateItems, isUnchanged } from './schema/correlate.ts';
export { defaultValue } from './schema/default.ts';
export {
  duplicateValue,
  forbidden,
  invalidOmitted,
  invalidType,
  invalidValue,
  requiredValue,
  tooLong,
  tooMany,
  unsupportedValue,
} from './schema/field-error.ts';
export { type FieldReference, type FieldReferenceOptions, resolveFieldPath } from './schema/field-reference.ts';
export { foregroundFinalizer, orphanFinalizer } from './schema/finalizers.ts';
export { byCodePoint, goJson, goNumber, goQuote } from './schema/go-text.ts';
export { type JsonPath, parseJsonPath } from './schema/json-path.ts';
export {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './schema/names.ts';
export { objectMetaSchema, withObjectFrame } from './schema/object-meta.ts';
export { parseStructural } from './schema/parse-structural.ts';
export { type Pruned, type PruneOptions, pruneValue } from './schema/prune.ts';
export type { StructuralSchema, ValidationRule } from './schema/structural.ts';
export { type OpenApiOptions, toOpenApi } from './schema/to-openapi.ts';
export { type ValidateOptions, validateValue } from './schema/validate.ts';
export {
  escapeFieldValue,
  exactFieldValue,
  type FieldRequirement,
  fieldSelectorToString,
  matchesFields,
  parseFieldSelector,
  unsupportedField,
} from './select/field-selector.ts';
export {
  labelSelectorToRequirements,
  labelSelectorToString,
  validateLabelSelector,
} from './select/label-selector-object.ts';
export { parseLabelSelector } from './select/label-selector-text.ts';
export { labelKeyProblem, labelValueProblem } from './select/label-syntax.ts';
export { matchesLabels, type Requirement, type SelectorOperator, selectorToString } from './select/requirement.ts';
export { SelectorError } from './select/selector-error.ts';
export {
  type ApplyConfigurationInput,
  type ApplyResult,
  applyConfiguration,
} from './smd/apply-configuration.ts';
export { applyConflictMessage, type FieldConflict } from './smd/conflicts.ts';
export { extractOwned } from './smd/extract-owned.ts';
export { keepManagedFieldsOfNoOp } from './smd/no-op.ts';
export { SmdError, type SmdProblem } from './smd/smd-error.ts';
export { type TrackUpdateInput, trackUpdate } from './smd/track-update.ts';
export type { ObjectVersion, Versions } from './smd/versions.ts';
// tunnel: how hub and agent carry requests for a member's API
export { type Caller, decodeCaller, encodeCaller } from './tunnel/caller.ts';
export { DialRefusedError, dialTunnel } from './tunnel/dial.ts';
export { answerHeaders, type HeaderFields, requestHeaders, switchingHeaders } from './tunnel/headers.ts';
export {
  maxTunnelStreams,
  memberTokenRequestKind,
  proxyPath,
  tunnelAudience,
  tunnelConnectionWindow,
  tunnelHeader,
  tunnelPath,
  tunnelProtocol,
  tunnelSessionMemory,
  tunnelSettings,
} from './tunnel/protocol.ts';
export { resetStream } from './tunnel/reset-stream.ts';
export { targetProblem } from './tunnel/target.ts';
export { decodeTokenAccount, encodeTokenAccount, isTokenAccount, type TokenAccount } from './tunnel/token-account.ts';
export { watchLiveness } from './tunnel/watch-liveness.ts';
export { type Decoded, decodeJson, encodeJson, parseJson } from './wire/json.ts';
export { wireTypes } from './wire/protobuf/byte-reader.ts';
export { ByteWriter } from './wire/protobuf/byte-writer.ts';
export {
  type DecodedEnvelope,
  decodeKubeProtobuf,
  encodeKubeProtobuf,
  protobufMediaType,
} from './wire/protobuf/envelope.ts';
export {
  type ProtobufField,
  type ProtobufScalar,
  type ProtobufSpecial,
  type ProtobufTables,
  type ProtobufType,
  plainZero,
  protobufMessageOf,
} from './wire/protobuf/tables.ts';
export { encodeProtobufWatchFrame } from './wire/protobuf/watch-frame.ts';
export { beginningOf, unstorable } from './wire/text.ts';
export {
  cloneValue,
  equalValues,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  setOwn,
  WireError,
  type WireErrorOptions,
  type WireLimits,
  type WireProblem,
} from './wire/value.ts';
export { decodeYaml, decodeYamlDocuments, encodeYaml } from './wire/yaml.ts';
