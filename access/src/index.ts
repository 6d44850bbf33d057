export {
  type ClusterAccess,
  type ClusterAccessOptions,
  type ClusterConnection,
  createClusterAccess,
} from './cluster-access.ts';
export { type ConnectionPlan, type PlanOptions, type PluginCall, planConnection } from './connection.ts';
export { AccessError, ProviderFileError } from './errors.ts';
export type { Credential } from './exec-credential.ts';
export {
  type EngagedCluster,
  type FollowClustersOptions,
  followClusters,
  isControlPlaneHealthy,
} from './follow-clusters.ts';
export type { EnvironmentVariable } from './profile-extensions.ts';
export {
  type ExecConfig,
  loadProviderFile,
  type Provider,
  type ProviderFile,
  parseProviderFile,
} from './provider-file.ts';
