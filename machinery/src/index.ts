// wire: the value model and its codecs
export { type Decoded, decodeJson, encodeJson, parseJson } from './wire/json.ts';
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

// schema: structural schemas
export { objectMetaSchema, withObjectFrame } from './schema/object-meta.ts';
export type { StructuralSchema, ValidationRule } from './schema/structural.ts';

// smd, patch: merging

// select, quantity: selectors and amounts

// client: the Kubernetes API as controllers know it
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

// runtime: clock, logger, queue, reconcile loop, lease, metrics
export { type Clock, type EpochMs, systemClock, type Timer } from './runtime/clock.ts';
export { createLogger, type Logger, type LoggerOptions, silentLogger } from './runtime/logger.ts';
export {
  InvariantError,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  Result,
  TerminalError,
} from './runtime/reconcile.ts';
