export { fileWorkCache, type WorkCache } from './cache/work-cache.ts';
export { type AgentConfig, loadAgentConfig } from './config.ts';
export { compileHealthRule, healthJudge } from './health/own-rules.ts';
export { RequestDeniedError } from './link/certificate-request.ts';
export { WrongHubError } from './link/hub-ca.ts';
export { leaveFleet } from './link/leave.ts';
export { secretStateStore } from './link/secret-state-store.ts';
export { type AgentState, fileStateStore, memoryStateStore, type StateStore } from './link/state-store.ts';
export { type Agent, type AgentOptions, joinOnce, startAgent } from './main.ts';
