import {
  conditionOf,
  degraded,
  type HealthRule,
  healthy,
  isBehind,
  progressing,
  unknown,
  waitingForController,
  wordsOf,
} from './health.ts';

/**
 * Kinds without a rule of their own follow the conventions of kstatus: `observedGeneration`, `Stalled`, `Reconciling`,
 * `Ready`; where there is no `Ready`, `Available` stands for it. An object without any of them tells nothing. DL-22
 */
export const conventions: HealthRule = (object) => {
  if (isBehind(object)) return waitingForController;
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(stalled.reason || 'Stalled', wordsOf(stalled, 'it is stalled'));
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True')
    return progressing(reconciling.reason || 'Reconciling', wordsOf(reconciling, 'it is being reconciled'));
  const ready = conditionOf(object, 'Ready') ?? conditionOf(object, 'Available');
  if (ready === undefined) return unknown;
  return ready.status === 'True' ? healthy : progressing(ready.reason || 'NotReady', wordsOf(ready, 'not ready'));
};
