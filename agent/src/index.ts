export { RequestDeniedError } from './link/certificate-request.ts';
export { WrongHubError } from './link/hub-ca.ts';
export { type AgentState, fileStateStore, memoryStateStore, type StateStore } from './link/state-store.ts';
export { type Agent, type AgentOptions, startAgent } from './main.ts';
