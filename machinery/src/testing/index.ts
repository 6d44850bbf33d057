// the clock and waiting

// conformance: what every Client must do
export { describeClientConformance } from '../client/conformance/suite.ts';
export type { ConformanceTarget } from '../client/conformance/target.ts';
// how often a law is tried
export { atLeast } from './at-least.ts';
// object builders
export { configMap, namespaceObject, stored } from './builders.ts';
export { type TestAuthority, testAuthority } from './certificates.ts';
export { type Collected, collect, take } from './collect.ts';
export { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from './connect-proxy.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export { FakeLeases } from './fake-leases.ts';
export { type TestLogger, testLogger } from './test-logger.ts';
