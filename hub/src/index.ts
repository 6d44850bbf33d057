export { type HubConfig, loadHubConfig } from './config.ts';
export { backupHub, removeEmbeddedDatabase, restoreHub } from './database.ts';
export { explainPlacement } from './explain.ts';
export {
  type DatabaseOptions,
  type ExternalHubOptions,
  type Hub,
  type HubOptions,
  startExternalHub,
  startHub,
} from './main.ts';
export {
  defaultTokenTtlMs,
  type JoinTokenRequest,
  joinTokenSecret,
  maxTokenTtlMs,
  readJoinToken,
  tokenNamespace,
  tokenSecretName,
  tokenSelector,
} from './registration/join-token.ts';
export type { Outcome, Verdict } from './scheduler/schedule.ts';
