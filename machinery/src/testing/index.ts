// the clock and waiting

// object builders
export {
  type ConfigMapObject,
  configMap,
  configMaps,
  type NamespaceObject,
  namespaceObject,
  namespaces,
  stored,
} from './builders.ts';
export { type Collected, collect, take } from './collect.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export { type TestLogger, testLogger } from './test-logger.ts';
