export { type Generator, type GeneratorOptions, startArgoCdGenerator } from './argocd/server.ts';
export { type HubConfig, loadHubConfig } from './config.ts';
export { backupHub, removeEmbeddedDatabase, restoreHub } from './database.ts';
export { explainPlacement, type PlacementExplanation } from './explain.ts';
export { type ExternalHubOptions, startExternalHub } from './external.ts';
export { type Hub, type HubOptions, startHub } from './main.ts';
export type { DatabaseOptions } from './open-database.ts';
export { type PlanRequest, planPlacement } from './plan-placement.ts';
export {
  type CaRotationOptions,
  type CaRotationState,
  type MembersBehind,
  membersBehind,
  rotateHubCa,
} from './registration/ca-rotation.ts';
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
export type { PlannedChange, SnapshotEdits } from './scheduler/plan.ts';
export type { Outcome } from './scheduler/schedule.ts';
